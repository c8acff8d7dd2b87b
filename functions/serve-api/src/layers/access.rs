//! Whoever asks is **known** before anything is answered, and may what their scope says.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;

use crate::access::{Access, Asker, Scope};
use crate::problem::Kind;
use crate::{Context, Problem};

/// Finds out who asks.
pub async fn know(State(access): State<Access>, mut request: Request, next: Next) -> Response {
    let asker = access.asker(request.headers()).await;
    request.extensions_mut().insert(asker);
    next.run(request).await
}

/// Methods that need a scope.
pub fn needs(scope: Scope, methods: MethodRouter<Context>) -> MethodRouter<Context> {
    methods.route_layer(from_fn(move |request: Request, next: Next| async move {
        match refusal(scope, request.extensions().get::<Asker>()) {
            None => next.run(request).await,
            Some(problem) => {
                let unknown = problem.kind == Kind::Unauthorized;
                let mut response = problem.into_response();
                if unknown {
                    let challenge = HeaderValue::from_static("Bearer realm=\"assay\"");
                    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                }
                response
            }
        }
    }))
}

fn refusal(needed: Scope, asker: Option<&Asker>) -> Option<Problem> {
    match asker {
        Some(Asker::Anybody) => None,
        Some(Asker::Known { scope, .. }) if *scope >= needed => None,
        Some(Asker::Known { name, scope }) => {
            let (needed, scope) = (needed.name(), scope.name());
            let detail = format!(
                "this needs the scope `{needed}` and `{name}` has `{scope}`; ask for a key with more"
            );
            Some(Problem::new(Kind::Forbidden, detail))
        }
        Some(Asker::Unknown(why)) => Some(Problem::new(Kind::Unauthorized, (*why).to_owned())),
        None => Some(Problem::internal("nobody found out who asks")),
    }
}
