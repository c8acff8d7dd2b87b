//! A **notifier** tells people that something happened: in a channel, by mail, in a log.

use async_trait::async_trait;

use crate::StoreError;

/// What people are told, in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened, in one line.
    pub subject: String,
    /// What to know about it, a line each.
    pub lines: Vec<String>,
    /// Where all of it is: an address, or the key of an object.
    pub more: String,
}

impl Notice {
    /// All of it as text, with the subject as its first line.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.lines.iter().map(|line| format!("\n{line}")).collect::<String>();
        format!("{}{lines}\n{}", self.subject, self.more)
    }
}

/// Tells people. A notice may be told twice where an answer was lost, as mail may.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Its address, which holds no secret and differs from those of others.
    fn address(&self) -> &str;

    /// Tells a notice once. An error that trying again may mend is [`StoreError::Unavailable`].
    async fn tell(&self, notice: &Notice) -> Result<(), StoreError>;
}

/// Tells our own log.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogNotifier;

#[async_trait]
impl Notifier for LogNotifier {
    fn address(&self) -> &'static str {
        "log:"
    }

    async fn tell(&self, notice: &Notice) -> Result<(), StoreError> {
        // Shown whatever is logged: somebody asked to be told.
        tracing::warn!(target: "notice", "{}", notice.text());
        Ok(())
    }
}
