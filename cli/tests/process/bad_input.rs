//! Specs that cannot be used: one line that names the file, the field and the mend.

use std::fs;

use crate::bench::{Bench, workload};

#[test]
fn a_spec_that_cannot_be_used_is_told_with_file_field_and_mend() {
    let bench = Bench::new();
    let two_chats = workload("[1]", 20).replace(
        "}]",
        "}, {name: chat, use_case: summarization, input_tokens: 16, output_tokens: 4, concurrency: [1]}]",
    );
    let cases: [(&str, &str, &[&str]); 8] = [
        ("workloads", &workload("[]", 20), &["`workloads[0].concurrency`", "is empty", "give at least one"]),
        ("workloads", &two_chats, &["`workloads[1]`", "`chat` is there twice", "give it another name"]),
        ("hardware", "[]", &["`hardware`", "is empty"]),
        ("hardware", "[h100x1, tpu9x1]", &["line 4", "`hardware[1]`", "tpu9x1"]),
        ("quantisations", "[fp16, fp16]", &["`quantisations[1]`", "there twice"]),
        ("models", "[no-such-model]", &["`models[0]`", "not a model that Assay knows", "config"]),
        (
            "frameworks",
            "[{name: vllm, attach: \"ftp://x\"}]",
            &["`frameworks[0].attach`", "http://host:port"],
        ),
        ("frameworks", "[{name: simulated, atach: \"http://x\"}]", &["`frameworks[0].atach`", "attach"]),
    ];
    for (axis, value, parts) in cases {
        let spec = bench.spec("bad", &[(axis, value)]);
        bench.run(&spec).assert_error(2, &[&[spec.to_str().unwrap()], parts].concat());
    }
    let unknown = bench.write(
        "unknown.yaml",
        &format!("{}\nworkload: []\n", { fs::read_to_string(bench.spec("whole", &[])).unwrap() }),
    );
    bench.run(&unknown).assert_error(2, &["unknown.yaml", "`workload`", "workloads"]);
    let broken = bench.write("broken.yaml", "name: [unclosed\n");
    bench.run(&broken).assert_error(2, &["broken.yaml", "line "]);
    bench.run(&bench.path("absent.yaml")).assert_error(2, &["absent.yaml", "cannot be read"]);
    assert!(!bench.data().exists(), "a spec that cannot be used leaves nothing behind");
}

#[test]
fn a_matrix_in_which_nothing_can_run_says_why() {
    let bench = Bench::new();
    let spec = bench.spec("toobig", &[("models", "[llama-3.1-70b-instruct]"), ("hardware", "[l4x1]")]);
    bench.run(&spec).assert_error(1, &["nothing in the matrix can run", "llama-3.1-70b-instruct"]);
    // Whoever is to be told is, each time that it is asked for.
    for _ in 0..2 {
        let told = bench.assay(&["run", "--notify", "log:", spec.to_str().unwrap()]);
        let id = bench.only_campaign();
        let notice = format!("Campaign {id} failed\nnothing in the matrix can run");
        assert_eq!(told.stderr.matches(&notice).count(), 1, "{}", told.stderr);
    }
    bench.assay(&["report", &bench.only_campaign()]).assert_code(0);
    bench.assay(&["run", "--plan", spec.to_str().unwrap()]).assert_code(4);
}
