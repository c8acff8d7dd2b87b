//! **Taken memory** is what others use of a GPU: what is in use when the engine has ended. An engine that ran out of memory
//! beside it might have had enough on a GPU of its own.

use crate::sampling::GpuProbe;

/// More than what a driver keeps for itself.
const NOTABLE_BYTES: u64 = 1 << 30;

/// What others use of the first of these GPUs of which they use a notable amount. None where they do not, or nobody can
/// tell.
pub(super) async fn taken_by_others(probe: &dyn GpuProbe, gpus: &[String]) -> Option<String> {
    let readings = probe.read(gpus).await.ok()?;
    gpus.iter().zip(readings).find_map(|(gpu, reading)| {
        let bytes = reading.memory_bytes.filter(|bytes| *bytes > NOTABLE_BYTES)?;
        let gib = bytes as f64 / f64::from(1 << 30);
        Some(format!("others use {gib:.1} GiB of GPU {gpu}"))
    })
}
