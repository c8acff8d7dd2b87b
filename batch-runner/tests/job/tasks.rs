//! Tasks that a launch does before its trials, with a harness that follows a script.

use domain::manifest::TasksPlan;

use super::*;

/// A harness that writes what version 0.4.13 wrote, and notes that it ran and with what.
fn harness(folder: &std::path::Path, deed: &str) -> TasksPlan {
    use std::os::unix::fs::PermissionsExt;
    let program = folder.join("lm_eval");
    let here = folder.display();
    let told = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/harness/lm_eval-0.4.13.json");
    let text = format!(
        "#!/bin/sh\n[ \"$1\" = --help ] && exit 0\necho \"$@\" >> {here}/runs\nwhile [ $# -gt 0 ]; do\n  [ \"$1\" = \
         --output_path ] && out=$2\n  shift\ndone\nmkdir \"$out/tiny\" && cp {told} \"$out/tiny/results_now.json\"\n{deed}\n"
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    TasksPlan {
        names: vec!["tiny_group".parse().unwrap(), "tiny_say".parse().unwrap()],
        include_path: None,
        limit: Some(10),
        program: program.display().to_string(),
        timeout_s: 60,
    }
}

/// An engine that tells how likely the tokens of a prompt are, or only those of its own.
async fn completions(tells_likelihood: bool) -> testkit::scripted_engine::ScriptedEngine {
    let (text, told) = match tells_likelihood {
        true => ("The sun rises in the east and sets in the west. And", "[null,-1,-2,-3,-1]"),
        false => (" And", "[-1]"),
    };
    let body = format!(r#"{{"choices":[{{"text":"{text}","logprobs":{{"token_logprobs":{told}}}}}]}}"#);
    let answer = move |_| Some(testkit::scripted_engine::script::whole(200, &body));
    testkit::scripted_engine::serve_asked(answer, |_| Vec::new()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_done_once_for_a_launch_and_their_scores_are_in_its_results() {
    let engine = completions(true).await;
    let folder = tempfile::tempdir().unwrap();
    let mut theatre = Theatre::new(&[1, 2], false).await;
    *theatre.stage.address.lock().unwrap() = Some(Address::parse(engine.base_url()).unwrap());
    theatre.manifest.tasks = Some(harness(folder.path(), ""));
    theatre.keep_manifest().await;
    theatre.play().await.unwrap();
    let stored = theatre.stored().await;
    let told = &stored[0].task_accuracy.clone().unwrap();
    assert_eq!((told.mean(), stored[1].task_accuracy.as_ref()), (Some(0.125), Some(told)));
    let kept = std::fs::read(theatre.folder.path().join("objects").join(&told.object)).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!((&kept["harness"]["lm_eval_version"], &kept["limit"]), (&"0.4.13".into(), &10.into()));
    let runs = || std::fs::read_to_string(folder.path().join("runs")).unwrap();
    let base_url = format!("base_url={}/v1/completions,model=tiny,", engine.base_url());
    for part in [base_url.as_str(), "--tasks tiny_group,tiny_say", "--limit 10", "--log_samples"] {
        assert!(runs().contains(part), "{part}: {}", runs());
    }
    assert_eq!(runs().lines().count(), 1, "{}", runs());

    // Another batch of the same launch: what it answered is known.
    theatre.manifest.batch = BatchId::new(&theatre.manifest.campaign, 1);
    theatre.manifest.launches = manifest(&[4], false).launches;
    theatre.keep_manifest().await;
    let batch =
        BatchRecord { state: BatchState::Submitted, ..fixtures::batch_record(&theatre.manifest.campaign, 1) };
    theatre.ledger.add_batches(&[batch]).await.unwrap();
    theatre.play().await.unwrap();
    let stored = theatre.stored().await;
    assert_eq!(stored.len(), 3);
    assert!(stored.iter().all(|r| r.task_accuracy.as_ref() == Some(told)));
    assert_eq!(runs().lines().count(), 1, "{}", runs());
}

/// No score is better than a wrong one, and none costs a trial.
#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_are_not_done_cost_no_trial() {
    let (telling, silent) = (completions(true).await, completions(false).await);
    for (engine, deed, timeout_s, why) in [
        (&silent, "", 60, "compares how likely answers are"),
        (&telling, "echo it broke >&2; exit 3", 60, "its last lines: it broke"),
        (&telling, "rm -r \"$out/tiny\"; echo done", 60, "ended with no results; its last lines: done"),
        (&telling, "sleep 600", 1, "the tasks took longer than 1 s; raise `timeout`"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut theatre = Theatre::new(&[1], false).await;
        *theatre.stage.address.lock().unwrap() = Some(Address::parse(engine.base_url()).unwrap());
        theatre.manifest.tasks = Some(TasksPlan { timeout_s, ..harness(folder.path(), deed) });
        theatre.keep_manifest().await;
        theatre.play().await.unwrap();
        assert_eq!(theatre.outcomes().await, ["stored"]);
        assert_eq!(theatre.stored().await[0].task_accuracy, None);
        let lines = theatre.lines.lock().unwrap().join("\n");
        let known = "the task accuracy of llama-3.1-8b-instruct fp16 on h100x1 with vllm is not known";
        assert!(lines.contains(known) && lines.contains(why), "{why}: {lines}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harness_that_is_missing_is_told_before_an_engine_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let there = harness(folder.path(), "");
    for (tasks, why) in [
        (
            TasksPlan { program: "no-such-harness".to_owned(), ..there.clone() },
            "no-such-harness cannot be run",
        ),
        (
            TasksPlan { include_path: Some("/no/such/folder".to_owned()), ..there },
            "/no/such/folder is no folder",
        ),
    ] {
        let mut theatre = Theatre::new(&[1], false).await;
        theatre.manifest.tasks = Some(tasks);
        theatre.keep_manifest().await;
        let error = theatre.play().await.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(i32::from(error.exit_code()), store::ports::dispatcher::NO_HARNESS);
        assert!(theatre.stage.done.lock().unwrap().is_empty());
    }
}

/// Nor what it started itself.
#[tokio::test(flavor = "multi_thread")]
async fn no_harness_outlives_its_job() {
    let engine = completions(true).await;
    let folder = tempfile::tempdir().unwrap();
    let mut theatre = Theatre::new(&[1], false).await;
    *theatre.stage.address.lock().unwrap() = Some(Address::parse(engine.base_url()).unwrap());
    let pid_file = folder.path().join("pid");
    let fifo = folder.path().join("begun");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let deed = format!("sleep 600 & echo $! > {}; echo > {}; wait", pid_file.display(), fifo.display());
    theatre.manifest.tasks = Some(harness(folder.path(), &deed));
    theatre.keep_manifest().await;
    let cancel = theatre.cancel.clone();
    let stopping = tokio::task::spawn_blocking(move || {
        // It opens when the harness writes to it.
        std::fs::read(&fifo).unwrap();
        cancel.cancel();
    });
    let error = theatre.play().await.unwrap_err();
    stopping.await.unwrap();
    assert!(matches!(error, JobError::Stopped), "{error}");
    let pid = std::fs::read_to_string(pid_file).unwrap();
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists());
}
