//! The program does not start where whoever reaches it may everything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

/// What it says before it ends, since none of its stores has an address.
fn started(variables: &[(&str, &str)]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_serve-api"));
    program.env_clear().env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1").envs(variables.iter().copied());
    let output = program.output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// Past the question who may ask, it wants its ledger.
fn wants_its_ledger(variables: &[(&str, &str)]) {
    let said = started(variables);
    assert!(said.contains("ASSAY_LEDGER is not set"), "{said}");
}

#[test]
fn without_keys_and_tokens_it_names_what_to_set() {
    for nothing in [&[][..], &[("ASSAY_API_KEYS", "")], &[("ASSAY_ACCESS", "")]] {
        let said = started(nothing);
        for variable in
            ["ASSAY_API_KEYS", "ASSAY_JWKS", "ASSAY_JWT_ISSUER", "ASSAY_JWT_AUDIENCE", "ASSAY_ACCESS"]
        {
            assert!(said.contains(variable), "{nothing:?}: {said}");
        }
        assert!(!said.contains("ASSAY_LEDGER"), "{said}");
    }
}

#[test]
fn another_word_than_checked_before_does_not_open_it() {
    for word in ["open", "true", "Checked-Before"] {
        let said = started(&[("ASSAY_ACCESS", word)]);
        assert!(said.contains(&format!("ASSAY_ACCESS is `{word}`; set it to checked-before")), "{said}");
    }
}

#[test]
fn tokens_or_somebody_before_it_suffice() {
    wants_its_ledger(&[("ASSAY_ACCESS", "checked-before")]);
    let tokens = [
        ("ASSAY_JWKS", r#"{"keys": []}"#),
        ("ASSAY_JWT_ISSUER", "https://login.example.com"),
        ("ASSAY_JWT_AUDIENCE", "assay"),
    ];
    wants_its_ledger(&tokens);
}

#[test]
fn keys_suffice() {
    let keys = format!(r#"[{{"name": "ci", "sha256": "{}", "scopes": ["run"]}}]"#, "0a".repeat(32));
    wants_its_ledger(&[("ASSAY_API_KEYS", &keys)]);
}
