//! The **GPUs** of this machine, which the local dispatcher shares out.

use std::time::Duration;

use store::processes::VISIBLE_GPUS_VARIABLE;
use tokio::process::Command;

/// Longest that the driver may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Those that we were given by `CUDA_VISIBLE_DEVICES`, else all that `nvidia-smi` knows, by their indices. None where
/// there is no driver.
pub async fn gpus_of_this_machine() -> Vec<String> {
    match std::env::var(VISIBLE_GPUS_VARIABLE) {
        Ok(given) => names(&given, ','),
        Err(_) => installed().await,
    }
}

async fn installed() -> Vec<String> {
    let mut list = Command::new("nvidia-smi");
    list.args(["--query-gpu=index", "--format=csv,noheader"]).kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, list.output()).await {
        Ok(Ok(told)) if told.status.success() => names(&String::from_utf8_lossy(&told.stdout), '\n'),
        _ => Vec::new(),
    }
}

fn names(list: &str, separator: char) -> Vec<String> {
    list.split(separator).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_with_their_gaps() {
        assert_eq!(names("0, 2,GPU-a", ','), ["0", "2", "GPU-a"]);
        assert_eq!(names("0\n1\n", '\n'), ["0", "1"]);
        assert!(names("", ',').is_empty());
    }
}
