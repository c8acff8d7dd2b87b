//! An **exposition** is a page of metrics in Prometheus' text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>), as engines and exporters serve it at `/metrics`.

/// One line: a series and its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line<'a> {
    /// The metric's name.
    pub name: &'a str,
    labels: &'a str,
    /// Its value.
    pub value: f64,
}

impl<'a> Line<'a> {
    /// The value of a label, as it is written.
    pub fn label(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.labels;
        while let Some((found, tail)) = rest.split_once("=\"") {
            let end = end_of_quoted(tail)?;
            if found.trim_start_matches([',', ' ']) == name {
                return tail.get(..end);
            }
            rest = tail.get(end + 1..)?;
        }
        None
    }
}

/// The lines of a page; what is not one is passed over.
pub(super) fn lines(page: &str) -> impl Iterator<Item = Line<'_>> {
    page.lines().filter_map(line)
}

fn line(text: &str) -> Option<Line<'_>> {
    let text = text.trim();
    if text.starts_with('#') {
        return None;
    }
    let end = text.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, rest) = text.split_at_checked(end)?;
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inner) => {
            let end = end_of_labels(inner)?;
            (inner.get(..end)?, inner.get(end + 1..)?)
        }
        None => ("", rest),
    };
    // A time may follow the value.
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Line { name, labels, value })
}

/// Where a label's value ends: at the next quote that is not escaped.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return Some(at),
            _ => escaped = false,
        }
    }
    None
}

/// Where the labels end: at the brace outside of every value.
fn end_of_labels(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = rest.find(['"', '}'])?;
        if rest.get(at..)?.starts_with('}') {
            return Some(from + at);
        }
        from += at + 1 + end_of_quoted(rest.get(at + 1..)?)? + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_line_by_line() {
        let page = "# HELP a what it is\n# TYPE a gauge\na 1\na{x=\"1\",y=\"q}\\\"{\"} 2.5e3 1700000000\n b{} NaN\nbroken\nc{x=\"1} 2\n";
        let found: Vec<Line<'_>> = lines(page).collect();
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].name, found[0].value, found[0].label("x")), ("a", 1.0, None));
        assert_eq!(
            (found[1].value, found[1].label("x"), found[1].label("y")),
            (2500.0, Some("1"), Some("q}\\\"{"))
        );
        assert!(found[2].value.is_nan());
    }
}
