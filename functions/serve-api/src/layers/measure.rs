//! The server's own **measures**, for Prometheus: requests and how long they took by route, answers that were kept, and how
//! old the catalogue is.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::Context;

/// Upper ends of the classes of durations, s.
const CLASSES: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    /// A route, never a path: there is no end to these.
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: String,
}

/// What is counted of requests.
#[derive(Clone, Default)]
pub struct Measures(Arc<Families>);

struct Families {
    answered: Family<Answered, Counter>,
    took_s: Family<OfRoute, Histogram, fn() -> Histogram>,
}

impl Default for Families {
    fn default() -> Self {
        Self { answered: Family::default(), took_s: Family::new_with_constructor(|| Histogram::new(CLASSES)) }
    }
}

/// Notes what became of a request.
pub async fn note(State(measures): State<Measures>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let method = match request.method().as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    };
    let begun = Instant::now();
    let response = next.run(request).await;
    let of_route = OfRoute { route: route.clone() };
    measures.0.took_s.get_or_create(&of_route).observe(begun.elapsed().as_secs_f64());
    let answered = Answered { method, route, status: response.status().as_u16() };
    measures.0.answered.get_or_create(&answered).inc();
    response
}

/// All of it as text (OpenMetrics).
pub fn text(context: &Context) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("assay_api");
    let Families { answered, took_s } = &*context.measures.0;
    registry.register("requests", "Requests by route and status", answered.clone());
    registry.register_with_unit("duration", "Until the answer began", Unit::Seconds, took_s.clone());
    let hot = context.hot.counts();
    let kept = [
        ("hot_hits", "Answers that were kept", hot.hits),
        ("hot_shared", "Answers that somebody else was working out", hot.shared),
        ("hot_misses", "Answers that were worked out", hot.misses),
    ];
    for (name, help, count) in kept {
        registry.register(name, help, ConstCounter::new(count));
    }
    if let Some(ratio) = hot.hit_ratio() {
        registry.register(
            "hot_hit_ratio",
            "Answers that were not worked out, of all",
            ConstGauge::new(ratio),
        );
    }
    if let Some(current) = context.snapshot.age() {
        let results = current.results as i64;
        registry.register("catalog_results", "Results in the catalogue", ConstGauge::new(results));
        registry.register(
            "catalog_revision",
            "Revision that it was made from",
            ConstGauge::new(current.revision as i64),
        );
        let (read, seen) = (current.read.as_secs_f64(), current.seen.as_secs_f64());
        registry.register_with_unit("catalog_age", "Since it was read", Unit::Seconds, ConstGauge::new(read));
        let help = "Since it was last seen to be the newest";
        registry.register_with_unit("catalog_unconfirmed", help, Unit::Seconds, ConstGauge::new(seen));
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}
