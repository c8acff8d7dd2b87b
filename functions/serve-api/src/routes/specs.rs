//! A **spec over HTTP** is one that somebody else wrote than the owner of the host: it names nothing of the host.

use axum::body::Bytes;
use domain::CampaignSpec;

use crate::Problem;
use crate::answers::worked_out;

/// The spec in a body, as YAML or JSON. A large one takes a while to read, so that a thread of its own does.
pub async fn spec_of(body: Bytes) -> Result<CampaignSpec, Problem> {
    worked_out(move || read(&body)).await?
}

fn read(body: &[u8]) -> Result<CampaignSpec, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| {
        Problem::bad_request(None, "the body is not UTF-8; send a spec as YAML or JSON".to_owned())
    })?;
    let spec = CampaignSpec::from_yaml(text)
        .map_err(|e| Problem::bad_request(Some(e.field.clone()), e.to_string()))?;
    refuse_local_commands(&spec)?;
    Ok(spec)
}

/// Whoever can reach the API must not be able to start programs of their choice on the host: only files on
/// the machine itself may name a program, its arguments or its environment. Nor may they read the host's keys or have them
/// sent to servers of their choice.
fn refuse_local_commands(spec: &CampaignSpec) -> Result<(), Problem> {
    let refuse = |field: String| {
        let detail = format!("`{field}` is not accepted over HTTP; start such a campaign with `assay run`");
        Err(Problem::bad_request(Some(field), detail))
    };
    for (i, model) in spec.models.iter().enumerate() {
        let Some(hosted) = &model.hosted else { continue };
        let given = [("url", hosted.url.is_some()), ("key", hosted.key.is_some())];
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return refuse(format!("models[{i}].hosted.{name}"));
        }
    }
    if let Some(tasks) = spec.accuracy.as_ref().and_then(|accuracy| accuracy.tasks.as_ref()) {
        let given = [("program", tasks.program.is_some()), ("include_path", tasks.include_path.is_some())];
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return refuse(format!("accuracy.tasks.{name}"));
        }
    }
    for (i, f) in spec.frameworks.iter().enumerate() {
        let given =
            [("program", f.program.is_some()), ("env", !f.env.is_empty()), ("args", !f.args.is_empty())];
        if let Some((name, _)) = given.into_iter().find(|(_, given)| *given) {
            return refuse(format!("frameworks[{i}].{name}"));
        }
    }
    Ok(())
}
