//! The **metrics page** is what a [`Meter`] has counted, at `/metrics` of an address that the runner listens on when it is
//! asked to.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::meter::Meter;

/// The type of OpenMetrics' text, which Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves the page until the program ends. Yields the address that it is at.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(address: SocketAddr, meter: Arc<Meter>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let at = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let meter = Arc::clone(&meter);
            tokio::spawn(async move {
                let answer = service_fn(async |request: Request<Incoming>| {
                    Ok::<_, Infallible>(answer(request.method(), request.uri().path(), &meter))
                });
                // Whoever asks may go away.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    Ok(at)
}

fn answer(method: &Method, path: &str, meter: &Meter) -> Response<Full<Bytes>> {
    let (status, kind, text) = match (method, path) {
        (&Method::GET, "/metrics") => (StatusCode::OK, OPEN_METRICS, meter.page()),
        _ => (StatusCode::NOT_FOUND, "text/plain", "ask for /metrics\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::control::get;
    use crate::transport::Address;

    #[test]
    fn the_page_has_the_metrics_that_are_documented_and_no_others() {
        let table = include_str!("../../../docs/runner-metrics.md").lines();
        let documented: BTreeSet<&str> =
            table.filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next()).collect();
        let page = Meter::new().page();
        let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
        let told: BTreeSet<String> = types
            .map(|(name, kind)| if kind == "counter" { format!("{name}_total") } else { name.to_owned() })
            .collect();
        assert_eq!(told.iter().map(String::as_str).collect::<BTreeSet<_>>(), documented);
    }

    #[tokio::test]
    async fn the_page_is_where_it_is_said_to_be() {
        let meter = Arc::new(Meter::new());
        let at = serve(([127, 0, 0, 1], 0).into(), Arc::clone(&meter)).await.unwrap();
        meter.renewed();
        let address = Address::local(at.port());
        let page = get(&address, "/metrics", Duration::from_secs(30)).await.unwrap();
        assert_eq!(
            (page.status, &page.headers[CONTENT_TYPE]),
            (StatusCode::OK, &OPEN_METRICS.parse().unwrap())
        );
        let text = String::from_utf8(page.body.to_vec()).unwrap();
        assert!(text.contains("\nassay_runner_lease_renewals_total 1\n"), "{text}");
        let other = get(&address, "/", Duration::from_secs(30)).await.unwrap();
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }
}
