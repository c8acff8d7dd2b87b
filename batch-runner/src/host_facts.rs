//! **Host facts** are what a run ran on, as this machine tells it: they go with every result.

use std::process::Stdio;
use std::time::Duration;

use domain::result::Environment;
use tokio::process::Command;
use tokio::time::timeout;

/// Longest that `nvidia-smi` may take: it hangs on a broken driver.
const SMI_LIMIT: Duration = Duration::from_secs(20);

/// Environment variable with the digest of the container image that this runs in. Set by whoever starts the container.
pub const IMAGE_DIGEST_VARIABLE: &str = "ASSAY_IMAGE_DIGEST";

/// A GPU as its driver tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpu {
    /// Product name: `NVIDIA H100 80GB HBM3`.
    pub name: String,
    /// Version of the driver.
    pub driver: String,
}

/// What this machine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFacts {
    /// The processor's model name.
    pub cpu_model: Option<String>,
    /// Logical processors.
    pub cpu_count: u32,
    /// GPUs in the order of the PCI bus, as `nvidia-smi` lists them.
    pub gpus: Vec<Gpu>,
    /// Digest of the container image.
    pub image_digest: Option<String>,
}

impl HostFacts {
    /// Looks at this machine.
    pub async fn read() -> Self {
        Self {
            cpu_model: cpu_model(),
            cpu_count: cpu_count(),
            gpus: gpus().await,
            image_digest: std::env::var(IMAGE_DIGEST_VARIABLE).ok().filter(|digest| !digest.is_empty()),
        }
    }

    /// The environment of a result.
    #[must_use]
    pub fn environment(&self, engine_version: Option<String>, engine_command: Vec<String>) -> Environment {
        Environment {
            engine_version,
            engine_command,
            weights: None,
            runner_version: env!("CARGO_PKG_VERSION").to_owned(),
            runner_revision: option_env!("ASSAY_REVISION").map(str::to_owned),
            image_digest: self.image_digest.clone(),
            cpu_model: self.cpu_model.clone(),
            cpu_count: self.cpu_count,
            gpus: self.gpus.iter().map(|gpu| gpu.name.clone()).collect(),
            gpu_driver: self.gpus.first().map(|gpu| gpu.driver.clone()),
        }
    }
}

/// The processor's model name.
pub(crate) fn cpu_model() -> Option<String> {
    model_in(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
}

/// Logical processors that this process may use.
pub(crate) fn cpu_count() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(1))
}

/// x86 names the model; ARM only numbers its parts, which say nothing to people.
fn model_in(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The GPUs that the driver tells of; none without a driver.
async fn gpus() -> Vec<Gpu> {
    let mut command = Command::new("nvidia-smi");
    command.args(["--query-gpu=name,driver_version", "--format=csv,noheader"]);
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    match timeout(SMI_LIMIT, command.output()).await {
        Ok(Ok(output)) if output.status.success() => parse_gpus(&String::from_utf8_lossy(&output.stdout)),
        _ => Vec::new(),
    }
}

fn parse_gpus(csv: &str) -> Vec<Gpu> {
    let gpu = |line: &str| {
        let (name, driver) = line.rsplit_once(',')?;
        Some(Gpu { name: name.trim().to_owned(), driver: driver.trim().to_owned() })
    };
    csv.lines().filter_map(gpu).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_answers_are_understood() {
        let csv = "NVIDIA H100 80GB HBM3, 570.124.06\nNVIDIA H100 80GB HBM3, 570.124.06\n";
        let gpus = parse_gpus(csv);
        assert_eq!(gpus.len(), 2);
        assert_eq!(gpus[0], Gpu { name: "NVIDIA H100 80GB HBM3".into(), driver: "570.124.06".into() });
        assert_eq!(parse_gpus("No devices were found\n"), []);
        assert_eq!(
            model_in("processor\t: 0\nmodel name\t: Xeon(R) @ 2GHz\n").as_deref(),
            Some("Xeon(R) @ 2GHz")
        );
        assert_eq!(model_in("processor\t: 0\nCPU part\t: 0xd40\n"), None);
    }

    #[tokio::test]
    async fn this_machine_has_a_processor() {
        let environment = HostFacts::read().await.environment(None, vec![]);
        assert!(environment.cpu_count > 0 && !environment.runner_version.is_empty());
    }
}
