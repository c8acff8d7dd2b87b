//! The script over HTTP/2: breaking an answer off resets its stream, which takes back what has not left by then.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use h2::server::SendResponse;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use super::{Shared, Step};

/// Answers every request of a connection.
pub(super) async fn answer_all<S>(socket: S, shared: Arc<Shared>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut connection = h2::server::handshake(socket).await.map_err(io::Error::other)?;
    let mut answering = JoinSet::new();
    while let Some(request) = connection.accept().await {
        let (request, respond) = request.map_err(io::Error::other)?;
        answering.spawn(answer(request, respond, Arc::clone(&shared)));
    }
    Ok(())
}

async fn answer(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    shared: Arc<Shared>,
) -> Result<(), h2::Error> {
    let (parts, mut stream) = request.into_parts();
    let mut head = format!("post {} http/2\n", parts.uri.path());
    for (name, value) in &parts.headers {
        head.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
    }
    let mut body = Vec::new();
    while let Some(data) = stream.data().await {
        let data = data?;
        stream.flow_control().release_capacity(data.len())?;
        body.extend_from_slice(&data);
    }
    let (steps, number) = shared.answer(head.to_ascii_lowercase(), &body);
    let mut answer = None;
    for step in steps {
        match (step, &mut answer) {
            (Step::Head(status, headers), None) => {
                let mut head = Response::builder().status(status);
                for (name, value) in headers {
                    head = head.header(name, value);
                }
                answer = Some(respond.send_response(head.body(()).unwrap(), false)?);
            }
            (Step::Data(piece), Some(answer)) => {
                shared.wrote(number);
                answer.send_data(Bytes::from(piece), false)?;
            }
            (Step::End, Some(answer)) => answer.send_data(Bytes::new(), true)?,
            (Step::Pause(time), _) => tokio::time::sleep(time).await,
            (Step::Break, Some(answer)) => answer.send_reset(h2::Reason::INTERNAL_ERROR),
            (Step::Break, None) => respond.send_reset(h2::Reason::INTERNAL_ERROR),
            (step, _) => panic!("{step:?} is no step of HTTP/2 here"),
        }
    }
    Ok(())
}
