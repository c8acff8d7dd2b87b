//! A **template** is an event around its text. The events of an answer mostly differ in their text alone; one that
//! does says what the event says that the template was made of, and is understood without reading its JSON.

/// What stands before and after the text of the event that was read last, up to its quotation marks and with them.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// The event.
    event: Vec<u8>,
    /// Where its text begins and ends. None before there is an event.
    text: Option<(usize, usize)>,
}

impl Template {
    /// Makes it of an event that says nothing but `text`, which must be a part of it as it was sent.
    pub(crate) fn set(&mut self, event: &[u8], text: &str) {
        let begin = (text.as_ptr() as usize).checked_sub(event.as_ptr() as usize);
        let place = begin.and_then(|begin| Some((begin, begin.checked_add(text.len())?)));
        self.text = place.filter(|(begin, end)| event.get(*begin..*end) == Some(text.as_bytes()));
        self.event.clear();
        self.event.extend_from_slice(event);
    }

    /// The text of an event that differs from the template in it alone. None also where the text is empty or would
    /// have to be decoded.
    pub(crate) fn text_of<'a>(&self, event: &'a [u8]) -> Option<&'a str> {
        let (begin, end) = self.text?;
        let (before, after) = (self.event.get(..begin)?, self.event.get(end..)?);
        let text = event.strip_prefix(before)?.strip_suffix(after)?;
        let is_plain = |byte: &u8| *byte >= b' ' && !matches!(byte, b'"' | b'\\');
        if text.is_empty() || !text.iter().all(is_plain) {
            return None;
        }
        std::str::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(event: &str, text: &str) -> Template {
        let mut template = Template::default();
        let at = event.find(text).unwrap();
        template.set(event.as_bytes(), &event[at..at + text.len()]);
        template
    }

    #[test]
    fn only_the_text_may_differ() {
        let template = template(r#"{"t":"ab","n":1}"#, "ab");
        assert_eq!(template.text_of(r#"{"t":"é c","n":1}"#.as_bytes()), Some("é c"));
        for other in [
            r#"{"t":"","n":1}"#,
            r#"{"t":"a\"b","n":1}"#,
            r#"{"t":"a","t":"b","n":1}"#,
            r#"{"t":"a\u0062","n":1}"#,
            r#"{"t":"ab","n":2}"#,
            r#"{"u":"ab","n":1}"#,
            r#"{"t":"ab","n":1"#,
            "{\"t\":\"a\nb\",\"n\":1}",
            r#"{"t":"#,
        ] {
            assert_eq!(template.text_of(other.as_bytes()), None, "{other}");
        }
        assert_eq!(template.text_of(b"{\"t\":\"\xff\",\"n\":1}"), None);
    }

    #[test]
    fn text_from_elsewhere_makes_none() {
        let mut template = Template::default();
        assert_eq!(template.text_of(b"ab"), None);
        template.set(b"{\"t\":\"ab\"}", "ab");
        assert_eq!(template.text_of(b"{\"t\":\"ab\"}"), None);
    }
}
