//! Every transport does the same with the same server, whatever that server does.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use batch_runner::load::protocols::Dialect;
use batch_runner::load::{LoadError, Target, TrialMeasurement, TrialRequest, Vocabulary, measure};
use batch_runner::transport::{Address, AddressError, HttpVersion, TransportOptions};
use measurement::record::{Outcome, RequestRecord};
use testkit::scripted_engine::cases::{Case, Expected, REQUEST_TIMEOUT_MS, all};
use testkit::scripted_engine::script::good;
use testkit::scripted_engine::{ScriptedEngine, Step, StreamTruth, Wire, serve_over, words};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use super::{measured, trial};

fn options(wire: Wire, engine: &ScriptedEngine) -> TransportOptions {
    TransportOptions {
        http: if wire.is_http2() { HttpVersion::Http2 } else { HttpVersion::Http1 },
        authorities: engine.authority().map(Into::into),
        proxy: None,
    }
}

fn address(engine: &ScriptedEngine, options: &TransportOptions) -> Result<Address, AddressError> {
    Address::new(engine.base_url().parse()?, options)
}

async fn measure_over(
    engine: &ScriptedEngine,
    options: &TransportOptions,
    request: &TrialRequest,
) -> Result<TrialMeasurement, LoadError> {
    let target = Target {
        address: address(engine, options).unwrap(),
        model: "simulated".to_owned(),
        vocabulary: Arc::new(Vocabulary::common()),
        key: None,
        dialect: Dialect::Engine,
    };
    let never = CancellationToken::new();
    let measuring = measure(&target, request, &never);
    tokio::time::timeout(Duration::from_secs(120), measuring).await.unwrap()
}

#[tokio::test]
async fn every_transport_measures_alike() {
    for wire in Wire::ALL {
        let engine = serve_over(wire, words(Some), |_| good()).await;
        let m = measure_over(&engine, &options(wire, &engine), &trial(12, 2, 2)).await.unwrap();
        assert_eq!(measured(&m).len(), 12, "{wire:?}");
        assert!(m.counts.failed.is_empty(), "{wire:?}: {:?}", m.counts.failed);
        assert_eq!(m.counts.input_tokens, 20 * m.counts.succeeded, "{wire:?}");
        // Two workers, each on one connection, and the four connections of the calibration.
        assert_eq!(engine.connections(), 6, "{wire:?}");
    }
}

/// Plays every case once, with good answers between them so that the run is not given up.
#[tokio::test]
async fn every_case_is_reported_exactly_on_every_transport() {
    let cases = all();
    for wire in Wire::ALL {
        let script = cases.clone();
        let engine = serve_over(wire, words(Some), move |stream| {
            let case = script.get(stream as usize / 3).filter(|_| stream % 3 == 2);
            case.map_or_else(good, |case| case.script.clone())
        })
        .await;
        let mut request = trial(3 * u32::try_from(cases.len()).unwrap(), 1, 2);
        request.request_timeout = Duration::from_millis(REQUEST_TIMEOUT_MS);
        let m = measure_over(&engine, &options(wire, &engine), &request).await.unwrap();
        let truth: HashMap<_, _> =
            engine.truth().into_iter().map(|t| (t.request_id.clone().unwrap(), t)).collect();
        for record in m.records.iter().filter(|r| r.outcome != Outcome::Cut) {
            let case = cases.get(record.index as usize / 3).filter(|_| record.index % 3 == 2);
            let Some(truth) = truth.get(&format!("assay-1-{}", record.index)) else { continue };
            match case {
                Some(case) => check(wire, case, record, truth),
                None => assert_ne!(record.t_first_ns(), None, "{wire:?}: {record:?}"),
            }
        }
        assert!(m.records.len() >= request.requests.get() as usize);
    }
}

fn check(wire: Wire, case: &Case, record: &RequestRecord, truth: &StreamTruth) {
    let name = format!("{} over {wire:?}: {record:?}", case.name);
    match &case.expected {
        Expected::Answer { events, tokens_per_event, first_output, output_tokens, token_source } => {
            assert_eq!(record.outcome, Outcome::Succeeded, "{name}");
            assert_eq!(record.content.len(), *events, "{name}");
            let tokens: Vec<u32> = record.content.events().filter_map(|event| event.tokens).collect();
            assert_eq!((&tokens, record.first_output), (tokens_per_event, *first_output), "{name}");
            assert_eq!(
                (record.output_tokens, record.token_source),
                (*output_tokens, *token_source),
                "{name}"
            );
            assert!(record.ttft_ms().unwrap() >= case.least_ttft_ms, "{name}");
            // Nothing is seen before it was written: from the request's arrival to the first write at the server is
            // less than from the request's sending to anything read of it.
            let first_write = truth.writes[0] - truth.received;
            assert!(record.t_first_ns() >= Some(record.t_send_ns.unwrap() + nanos(first_write)), "{name}");
        }
        Expected::Failure(expected, told) => {
            let Outcome::Failed { reason, detail } = &record.outcome else { panic!("{name}") };
            assert_eq!(reason, expected, "{name}");
            assert!(detail.starts_with(told), "{name}");
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap()
}

#[tokio::test]
async fn a_server_that_asks_for_peace_gets_it() {
    for wire in [Wire::Tcp, Wire::Http2] {
        let engine = serve_over(wire, words(Some), |stream| match stream {
            4 => vec![Step::Head(429, vec![("retry-after", "1")]), Step::Data(b"{}".to_vec()), Step::End],
            _ => good(),
        })
        .await;
        let m = measure_over(&engine, &options(wire, &engine), &trial(8, 1, 2)).await.unwrap();
        let waits: Vec<u64> = m.records.iter().filter_map(|r| r.retry_wait_ns).collect();
        assert_eq!(waits, [1_000_000_000], "{wire:?}");
    }
}

#[tokio::test]
async fn a_prompt_of_a_megabyte_arrives_whole() {
    for wire in Wire::ALL {
        let engine = serve_over(wire, words(Some), |_| good()).await;
        let mut request = trial(2, 1, 2);
        request.workload.input_tokens = super::n(200_000);
        let m = measure_over(&engine, &options(wire, &engine), &request).await.unwrap();
        assert_eq!(measured(&m).iter().filter(|r| r.succeeded()).count(), 2, "{wire:?}");
        assert!(engine.longest_body() > 1_000_000, "{wire:?}: {}", engine.longest_body());
    }
}

#[tokio::test]
async fn what_the_server_does_not_speak_is_told_and_nothing_else_is_tried() {
    let engine = serve_over(Wire::Tls, words(Some), |_| good()).await;
    let mut options = options(Wire::Tls, &engine);
    let error = |m: Result<TrialMeasurement, LoadError>| format!("{:#}", anyhow::Error::from(m.unwrap_err()));
    options.http = HttpVersion::Http2;
    let told = error(measure_over(&engine, &options, &trial(2, 1, 2)).await);
    assert!(told.contains("HTTP/2") || told.contains("NoApplicationProtocol"), "{told}");
    // Only its own certificate vouches for it.
    let other = serve_over(Wire::Tls, words(Some), |_| good()).await;
    options.http = HttpVersion::Http1;
    options.authorities = other.authority().map(Into::into);
    let told = error(measure_over(&engine, &options, &trial(2, 1, 2)).await);
    assert!(told.contains("invalid peer certificate"), "{told}");
    assert_eq!(engine.heads(), Vec::<String>::new());
}

#[tokio::test]
async fn a_proxy_is_used_only_when_it_is_given() {
    let engine = serve_over(Wire::Tls, words(Some), |_| good()).await;
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = options(Wire::Tls, &engine);
    options.proxy = Some(format!("http://{}", proxy.local_addr().unwrap()).parse().unwrap());
    let tunnels = tokio::spawn(async move {
        let mut asked = Vec::new();
        while asked.len() < 6 {
            let (mut client, _) = proxy.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            let line = String::from_utf8(head).unwrap().lines().next().unwrap().to_owned();
            let place = line.split(' ').nth(1).unwrap().to_owned();
            asked.push(line);
            tokio::spawn(async move {
                let mut server = tokio::net::TcpStream::connect(place).await.unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
        asked
    });
    let m = measure_over(&engine, &options, &trial(4, 2, 2)).await.unwrap();
    assert!(m.counts.failed.is_empty());
    let host = engine.base_url().strip_prefix("https://").unwrap();
    for line in tunnels.await.unwrap() {
        assert_eq!(line, format!("CONNECT {host} HTTP/1.1"));
    }
}
