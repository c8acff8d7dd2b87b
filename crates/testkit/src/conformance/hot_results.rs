//! What every keeper of hot results must do.

use std::time::Duration;

use store::HotResults;

/// Every promise. Takes about a second, since time to live is real time.
///
/// # Panics
/// When one is broken.
pub async fn hot_results(hot: &dyn HotResults) {
    let long = Duration::from_secs(600);
    assert_eq!(hot.get("absent").await, None);
    hot.put("key", b"answer", long).await;
    assert_eq!(hot.get("key").await.as_deref(), Some(&b"answer"[..]));
    hot.put("key", b"", long).await;
    assert_eq!(hot.get("key").await.as_deref(), Some(&b""[..]));
    assert_eq!(hot.get("ke").await, None);

    // Each answer has its own time to live; putting it again begins it anew.
    let short = Duration::from_millis(300);
    hot.put("short", b"1", short).await;
    hot.put("shortened", b"1", long).await;
    hot.put("shortened", b"2", short).await;
    hot.put("prolonged", b"1", short).await;
    hot.put("prolonged", b"2", long).await;
    assert_eq!(hot.get("short").await.as_deref(), Some(&b"1"[..]));
    tokio::time::sleep(short * 3).await;
    assert_eq!(hot.get("short").await, None);
    assert_eq!(hot.get("shortened").await, None);
    assert_eq!(hot.get("prolonged").await.as_deref(), Some(&b"2"[..]));

    // Nothing can be kept for no time.
    hot.put("never", b"1", Duration::ZERO).await;
    assert_eq!(hot.get("never").await, None);
}
