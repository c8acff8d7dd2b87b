//! Who may ask what.

use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::json;
use serve_api::{Access, Jwks, JwtConfig, NewKey, RateLimit, Scope};

use super::*;

async fn ask(api: &Api, method: &str, path: &str, header: Option<(&str, String)>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    api.send(request.body(Body::empty()).unwrap()).await
}

fn bearer(key: &str) -> Option<(&'static str, String)> {
    Some(("authorization", format!("Bearer {key}")))
}

#[tokio::test]
async fn with_keys_nothing_is_open_but_what_says_that_the_server_runs() {
    let mut api = Api::with(&[]).await;
    let key = NewKey::random("page", Scope::Read);
    api.context.settings.access = Access::new(vec![key.kept.clone()], None);
    let document = api.get("/openapi.json").await.body;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let concrete = path.replace("{id}", "x").replace("{config_id}", "x");
        for (method, operation) in methods.as_object().unwrap() {
            let closed = !operation["security"].as_array().unwrap().is_empty();
            let open = ["/healthz", "/readyz", "/openapi.json"].contains(&path.as_str());
            assert_eq!(closed, !open, "{path}");
            let method = method.to_uppercase();
            let nobody = ask(&api, &method, &concrete, None).await;
            assert_eq!(nobody.status == StatusCode::UNAUTHORIZED, closed, "{method} {path}: {}", nobody.body);
            if closed {
                assert_eq!(nobody.headers["www-authenticate"], "Bearer realm=\"assay\"");
                let wrong = ask(&api, &method, &concrete, bearer(&key.kept.sha256)).await;
                assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
                assert!(!wrong.body.to_string().contains(&key.kept.sha256));
            }
            let known = ask(&api, &method, &concrete, bearer(&key.secret)).await;
            let run = operation["description"].as_str().is_some_and(|d| d.contains("`run`"));
            assert_eq!(known.status == StatusCode::FORBIDDEN, run, "{method} {path}");
            assert_ne!(known.status, StatusCode::UNAUTHORIZED);
        }
    }
    let known = ask(&api, "GET", "/v1/campaigns", Some(("x-api-key", key.secret.clone()))).await;
    assert_eq!(known.status, StatusCode::OK);
    assert!(api.triggered.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn who_may_more_may_less_as_well() {
    let mut api = Api::with(&[]).await;
    let keys = [Scope::Run, Scope::Admin].map(|scope| NewKey::random(scope.name(), scope));
    api.context.settings.access = Access::new(keys.iter().map(|key| key.kept.clone()).collect(), None);
    for key in keys {
        assert_eq!(ask(&api, "GET", "/v1/campaigns", bearer(&key.secret)).await.status, StatusCode::OK);
        assert_eq!(
            ask(&api, "POST", "/v1/campaigns/x/pause", bearer(&key.secret)).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

/// An issuer of tokens.
struct Issuer(Ed25519KeyPair);

impl Issuer {
    fn new() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap())
    }

    fn jwks(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.0.public_key());
        json!({"keys": [
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
            {"kty": "OKP", "crv": "Ed25519", "kid": "one", "use": "sig", "alg": "EdDSA", "x": x},
        ]})
        .to_string()
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes())))
    }
}

#[tokio::test]
async fn a_token_is_believed_when_its_issuer_signed_it_for_us_and_it_is_current() {
    let (issuer, stranger) = (Issuer::new(), Issuer::new());
    let mut api = Api::with(&[]).await;
    let config = JwtConfig {
        jwks: Jwks::Text(issuer.jwks()),
        issuer: "https://id.example".to_owned(),
        audience: "assay".to_owned(),
    };
    api.context.settings.access = Access::new(Vec::new(), Some(config));
    let now = Utc::now().timestamp();
    let header = json!({"alg": "EdDSA", "kid": "one"});
    let claims = json!({"iss": "https://id.example", "aud": ["other", "assay"], "exp": now + 600, "sub": "ann", "scope": "openid assay:run"});
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    let status = async |token: String| ask(&api, "GET", "/v1/campaigns", bearer(&token)).await.status;
    let good = issuer.token(&header, &claims);
    assert_eq!(status(good.clone()).await, StatusCode::OK);
    assert_eq!(ask(&api, "POST", "/v1/campaigns/x/pause", bearer(&good)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(status(issuer.token(&header, &with("aud", "assay".into()))).await, StatusCode::OK);
    let read = issuer.token(&header, &with("scope", json!(["read"])));
    assert_eq!(ask(&api, "POST", "/v1/campaigns/x/pause", bearer(&read)).await.status, StatusCode::FORBIDDEN);

    let unsigned = {
        let (signed, _) = good.rsplit_once('.').unwrap();
        format!("{signed}.")
    };
    let mut bad = vec![
        ("of a stranger", stranger.token(&header, &claims)),
        ("unsigned", unsigned),
        ("of no algorithm", issuer.token(&json!({"alg": "none", "kid": "one"}), &claims)),
        ("by a shared secret", issuer.token(&json!({"alg": "HS256", "kid": "one"}), &claims)),
        ("by a key that is no public one", issuer.token(&json!({"alg": "EdDSA", "kid": "secret"}), &claims)),
        ("by an unknown key", issuer.token(&json!({"alg": "EdDSA", "kid": "two"}), &claims)),
        (
            "with what must be understood",
            issuer.token(&json!({"alg": "EdDSA", "kid": "one", "crit": ["b64"]}), &claims),
        ),
        ("changed", good.replacen(&good[40..41], if &good[40..41] == "A" { "B" } else { "A" }, 1)),
    ];
    for (name, value) in [
        ("iss", json!("https://else.example")),
        ("aud", json!("else")),
        ("exp", json!(now - 600)),
        ("exp", json!("never")),
        ("exp", Value::Null),
        ("nbf", json!(now + 600)),
        ("nbf", json!("long ago")),
        ("scope", json!("openid")),
    ] {
        bad.push((name, issuer.token(&header, &with(name, value))));
    }
    for (why, token) in bad {
        assert_eq!(status(token).await, StatusCode::UNAUTHORIZED, "{why}");
    }
}

/// RS256 is all that the authoriser of an HTTP API of API Gateway takes. The key is of these tests, and opens nothing.
#[tokio::test]
async fn a_token_signed_with_rsa_is_believed() {
    let key = RsaKeyPair::from_pkcs8(include_bytes!("test-issuer.pk8")).unwrap();
    let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(key.public());
    let number = |bytes: Vec<u8>| URL_SAFE_NO_PAD.encode(bytes);
    let jwks = json!({"keys": [{"kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": number(n), "e": number(e)}]});
    let mut api = Api::with(&[]).await;
    let (own, audience) = ("https://id.example".to_owned(), "assay".to_owned());
    let config = JwtConfig { jwks: Jwks::Text(jwks.to_string()), issuer: own, audience };
    api.context.settings.access = Access::new(Vec::new(), Some(config));
    let claims = json!({"iss": "https://id.example", "aud": "assay", "exp": Utc::now().timestamp() + 600, "scope": "read"});
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let token = |algorithm: &str, signed_as: &str| {
        let of =
            |algorithm: &str| format!("{}.{}", part(&json!({"alg": algorithm, "kid": "rsa"})), part(&claims));
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), of(signed_as).as_bytes(), &mut signature).unwrap();
        format!("{}.{}", of(algorithm), URL_SAFE_NO_PAD.encode(signature))
    };
    for (algorithm, signed_as, wanted) in [
        ("RS256", "RS256", StatusCode::OK),
        // Whoever says another algorithm than the key's, or changes what was signed, is not believed.
        ("RS512", "RS512", StatusCode::UNAUTHORIZED),
        ("HS256", "HS256", StatusCode::UNAUTHORIZED),
        ("RS256", "RS512", StatusCode::UNAUTHORIZED),
    ] {
        let answer = ask(&api, "GET", "/v1/campaigns", bearer(&token(algorithm, signed_as))).await;
        assert_eq!(answer.status, wanted, "{algorithm} signed as {signed_as}");
    }
}

#[tokio::test]
async fn an_issuer_s_keys_are_fetched_once_and_again_for_a_new_key_now_and_then() {
    let issuer = Issuer::new();
    let mut api = Api::with(&[]).await;
    let (fetched, jwks) = (Arc::new(AtomicU32::new(0)), issuer.jwks());
    let count = fetched.clone();
    let fetch = move || {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(jwks.clone())
    };
    let (own, audience) = ("https://id.example".to_owned(), "assay".to_owned());
    let config = JwtConfig { jwks: Jwks::Fetched(Arc::new(fetch)), issuer: own, audience };
    api.context.settings.access = Access::new(Vec::new(), Some(config));
    let claims = json!({"iss": "https://id.example", "aud": "assay", "exp": Utc::now().timestamp() + 600, "scope": "read"});
    for kid in ["one", "one", "unknown", "unknown"] {
        let token = issuer.token(&json!({"alg": "EdDSA", "kid": kid}), &claims);
        ask(&api, "GET", "/v1/campaigns", bearer(&token)).await;
    }
    assert_eq!(fetched.load(Ordering::SeqCst), 1, "it was fetched a moment ago");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let mut api = Api::with(&[]).await;
    let (a, b) = (NewKey::random("a", Scope::Read), NewKey::random("b", Scope::Read));
    api.context.settings.access = Access::new(vec![a.kept, b.kept], None);
    api.context.settings.rate_limit = Some(RateLimit::per_minute(NonZeroU32::new(2).unwrap()));
    let get = async |key: &str| ask(&api, "GET", "/v1/campaigns", bearer(key)).await;
    let first = get(&a.secret).await;
    assert_eq!(
        (&first.headers["ratelimit-limit"], &first.headers["ratelimit-remaining"]),
        (&"2".parse().unwrap(), &"1".parse().unwrap())
    );
    get(&a.secret).await;
    let refused = get(&a.secret).await;
    assert_eq!(
        (refused.status, &refused.body["title"]),
        (StatusCode::TOO_MANY_REQUESTS, &"too many requests".into())
    );
    let wait: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(get(&b.secret).await.status, StatusCode::OK);
    // Keys are not tried without end.
    for _ in 0..2 {
        assert_eq!(get("assay_guess").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(get("assay_another").await.status, StatusCode::TOO_MANY_REQUESTS);
}
