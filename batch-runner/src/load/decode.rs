//! The **decoder** reads recorded exchanges into records, off the timed path.

use std::sync::mpsc::Receiver;

use domain::result::FailureReason;
use domain::workload::Protocol;
use measurement::answer::{self, Answer, StreamEnd};
use measurement::record::{Outcome, RequestRecord};
use measurement::timeline::Timeline;
use measurement::window::Window;

use super::judge::Judge;
use super::progress::Progress;
use super::records::{Growing, Records};
use super::timed::{Close, Exchange};
use crate::api_key::ApiKey;

/// Reads every exchange until there are no more, and lets the judge see them. The records are in the order of
/// sending; the window is the one for which the judge ended the run.
pub(super) fn read_all(
    protocol: Protocol,
    key: Option<&ApiKey>,
    exchanges: &Receiver<Exchange>,
    progress: &Progress,
    mut judge: Option<Judge>,
) -> (Records, Option<Window>) {
    let mut records = Growing::new();
    for exchange in exchanges {
        let mut record = read(protocol, exchange);
        // A server may quote what it was sent.
        if let (Some(key), Outcome::Failed { detail, .. }) = (key, &mut record.outcome) {
            key.redact(detail);
        }
        progress.decoded(&record);
        records.push(record);
        if let Some(judge) = &mut judge {
            judge.ended(records.so_far());
        }
    }
    (records.all(), judge.and_then(|judge| judge.accepted()))
}

fn read(protocol: Protocol, exchange: Exchange) -> RequestRecord {
    let Exchange {
        index, phase, turn, t_sched_ns, t_send_ns, t_end_ns, retry_wait_ns, recording, close, ..
    } = exchange;
    let end = match close {
        Close::Stream(end) => end,
        Close::Status { .. } | Close::Failed(..) | Close::Cut => StreamEnd::Broken,
    };
    let read = answer::read_stream(protocol, &recording, end);
    let failed = |reason: FailureReason, detail: String| Outcome::Failed { reason, detail };
    let outcome = match close {
        Close::Stream(_) => read.outcome,
        Close::Status { status, .. } => {
            let message = answer::error_message(recording.bytes());
            failed(answer::reason_of_status(status), format!("HTTP {status}: {message}"))
        }
        Close::Failed(reason, detail) => failed(reason, detail),
        Close::Cut => Outcome::Cut,
    };
    let Answer {
        content_ns,
        content_tokens,
        first_output,
        input_tokens,
        cached_input_tokens,
        output_tokens,
        ..
    } = read;
    RequestRecord {
        index,
        phase,
        turn,
        t_sched_ns,
        t_send_ns,
        content: Timeline::new(&content_ns, &content_tokens),
        first_output,
        t_end_ns,
        retry_wait_ns,
        input_tokens,
        cached_input_tokens,
        output_tokens,
        token_source: read.token_source,
        finish_reason: read.finish_reason,
        outcome,
    }
}
