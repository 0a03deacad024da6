//! A bar chart of times, as SVG: the picture in README.

use std::fmt::Write;

/// One expression's bars, in nanoseconds an element.
pub struct Bars {
    pub label: &'static str,
    pub eager: f64,
    pub fused: f64,
}

const WIDTH: f64 = 720.0;
const LEFT: f64 = 270.0;
const RIGHT: f64 = 90.0;
const ROW: f64 = 46.0;
const TOP: f64 = 56.0;

/// The chart as the text of an SVG file.
pub fn svg(title: &str, rows: &[Bars]) -> String {
    let longest = rows.iter().map(|r| r.eager.max(r.fused)).fold(0.0, f64::max);
    let scale = (WIDTH - LEFT - RIGHT) / longest;
    let height = TOP + ROW * rows.len() as f64 + 12.0;
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"13\">"
    ));
    line(format!("<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>"));
    line(format!("<text x=\"12\" y=\"22\" font-size=\"15\" font-weight=\"bold\">{}</text>", escaped(title)));
    for (x, colour, name) in
        [(LEFT, "#b0b7c3", "eager ndarray"), (LEFT + 130.0, "#d1495b", "numfuse, fresh output")]
    {
        line(format!("<rect x=\"{x}\" y=\"34\" width=\"12\" height=\"12\" fill=\"{colour}\"/>"));
        line(format!("<text x=\"{}\" y=\"45\">{name}</text>", x + 17.0));
    }
    for (k, row) in rows.iter().enumerate() {
        let y = TOP + ROW * k as f64;
        line(format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-family=\"monospace\" font-size=\"12\">{}</text>",
            LEFT - 8.0,
            y + 24.0,
            escaped(row.label)
        ));
        for (value, colour, offset) in [(row.eager, "#b0b7c3", 4.0), (row.fused, "#d1495b", 22.0)] {
            let width = value * scale;
            line(format!(
                "<rect x=\"{LEFT}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"16\" fill=\"{colour}\"/>",
                y + offset
            ));
            line(format!(
                "<text x=\"{:.1}\" y=\"{:.1}\">{value:.1} ns</text>",
                LEFT + width + 5.0,
                y + offset + 13.0
            ));
        }
    }
    let _ = write!(out, "</svg>");
    out.push('\n');
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
