//! Redis: the suite, and what happens without it.

use std::time::{Duration, Instant};

use cloud::redis::{REST, RedisHotResults};
use store::{HotResults, StoreError};
use testkit::conformance;
use testkit::services::{PrivateRedis, TlsFront};

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

/// Where a test that is a process of its own finds the Redis.
const ADDRESS: &str = "ASSAY_TEST_REDIS";

/// The machine's trust is read from the environment once, so it takes a process of its own to trust another authority.
#[tokio::test]
#[ignore = "is started by another test"]
async fn asks_over_tls() {
    let Ok(url) = std::env::var(ADDRESS) else { return };
    let hot = RedisHotResults::new(&url).unwrap();
    hot.check().await.unwrap();
    hot.put("over-tls", b"answer", LONG).await;
    assert_eq!(hot.get("over-tls").await.as_deref(), Some(&b"answer"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_spoken_with_who_is_trusted() {
    let redis = PrivateRedis::start();
    let front = TlsFront::start(redis.socket()).await;
    let url = format!("rediss://localhost:{}", front.port());

    let stranger = RedisHotResults::new(&url).unwrap();
    let error = stranger.check().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(stranger.get("over-tls").await, None);

    let asked = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "asks_over_tls", "--ignored"])
        .env(ADDRESS, &url)
        .env("SSL_CERT_FILE", front.authority())
        .env_remove("SSL_CERT_DIR")
        .output()
        .await
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stdout));
    let plain = RedisHotResults::new(&redis.url()).unwrap();
    assert_eq!(plain.get("over-tls").await.as_deref(), Some(&b"answer"[..]), "it is kept in that Redis");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_password() {
    for url in ["", "nonsense", "http://user:secret@host"] {
        let message = RedisHotResults::new(url).err().unwrap().to_string();
        assert!(message.contains("redis://HOST") && !message.contains("secret"), "{message}");
    }
}
