//! What every notifier must do.

use store::{Notice, Notifier};

/// A notice with all that may be hard to tell.
#[must_use]
pub fn notice() -> Notice {
    Notice {
        subject: "Campaign nightly completed [MEASURED]".to_owned(),
        lines: vec!["42 results & <none> failed".to_owned(), "é 模型 \"quoted\"".to_owned()],
        more: "reports/nightly.html".to_owned(),
    }
}

/// Every promise: what is told is taken, also what is long or has next to nothing in it, and an address tells no secret.
///
/// # Panics
/// When one is broken.
pub async fn notifier(notifier: &dyn Notifier) {
    notifier.tell(&notice()).await.unwrap();
    let long = Notice { subject: "é".repeat(1000), lines: vec!["x".repeat(1000); 400], ..notice() };
    notifier.tell(&long).await.unwrap();
    let short = Notice { subject: "ended".to_owned(), lines: vec![], more: "reports/a.html".to_owned() };
    notifier.tell(&short).await.unwrap();
    assert!(!notifier.address().is_empty() && !notifier.address().contains("//"));
}
