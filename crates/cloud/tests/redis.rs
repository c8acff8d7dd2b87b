//! Redis: the suite, and what happens without it.

use std::time::{Duration, Instant};

use cloud::redis::{REST, RedisHotResults};
use store::HotResults;
use testkit::conformance;
use testkit::services::PrivateRedis;

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn conformance() {
    let redis = PrivateRedis::start();
    conformance::hot_results(&RedisHotResults::new(&redis.url()).unwrap()).await;
}

#[tokio::test]
async fn a_redis_that_goes_away_slows_nothing_down_and_is_used_again_when_it_is_back() {
    let mut redis = PrivateRedis::start();
    let hot = RedisHotResults::new(&redis.url()).unwrap();
    hot.put("key", b"answer", LONG).await;
    assert_eq!(hot.get("key").await.as_deref(), Some(&b"answer"[..]));

    redis.stop();
    let start = Instant::now();
    for _ in 0..1_000 {
        hot.put("key", b"answer", LONG).await;
        assert_eq!(hot.get("key").await, None);
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());

    redis.start_again();
    tokio::time::sleep(REST).await;
    let start = Instant::now();
    loop {
        hot.put("key", b"back", LONG).await;
        if hot.get("key").await.as_deref() == Some(&b"back"[..]) {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "it is never used again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_redis_that_answers_nothing_costs_its_timeout_once() {
    // A listener that never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hot = RedisHotResults::new(&format!("redis://{}", listener.local_addr().unwrap())).unwrap();
    let start = Instant::now();
    for _ in 0..100 {
        assert_eq!(hot.get("key").await, None);
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_password() {
    for url in ["", "nonsense", "http://user:secret@host"] {
        let message = RedisHotResults::new(url).err().unwrap().to_string();
        assert!(message.contains("redis://HOST") && !message.contains("secret"), "{message}");
    }
}
