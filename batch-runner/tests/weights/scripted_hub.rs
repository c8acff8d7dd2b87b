//! A hub that does what a test says: it answers slowly, breaks off, alters what it sends. Files come from a second server,
//! as those of real hubs do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use batch_runner::api_key::ApiKey;
use batch_runner::weights::Hub;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// Files from this length on are told with their SHA-256, as large ones are.
const LARGE: usize = 1000;

#[derive(Default)]
pub struct State {
    pub files: BTreeMap<String, Vec<u8>>,
    /// The next answers with a file end after so many bytes.
    pub break_after: Vec<usize>,
    /// So many of the next answers with a file have another first byte.
    pub alter: u32,
    /// It begins every file at its beginning.
    pub ignores_ranges: bool,
    /// Every question to the hub is answered with this.
    pub status: Option<u16>,
    /// It lists two files on a page.
    pub has_pages: bool,
    /// Questions to the hub, their paths.
    pub asked: Vec<String>,
    /// Files that were asked for, and from which byte.
    pub sent: Vec<(String, usize)>,
    /// Keys that the server with the files was given.
    pub leaked: Vec<String>,
}

pub struct ScriptedHub {
    pub state: Arc<Mutex<State>>,
    pub url: String,
}

impl ScriptedHub {
    pub async fn start(files: &[(&str, Vec<u8>)]) -> Self {
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.clone())).collect();
        let state = Arc::new(Mutex::new(State { files, ..State::default() }));
        let listen = async || TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (hub, store) = (listen().await, listen().await);
        let url = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let (hub_url, store_url) = (url(&hub), url(&store));
        serve(hub, Arc::clone(&state), store_url, Self::tell);
        serve(store, Arc::clone(&state), String::new(), Self::send);
        Self { state, url: hub_url }
    }

    pub fn hub(&self) -> Hub {
        Hub::new(&self.url, ApiKey::new("hf_secret")).unwrap()
    }

    /// What the hub says: what there is, and where the files are.
    fn tell(state: &mut State, store: &str, request: &Request) -> Vec<u8> {
        state.asked.push(request.path.clone());
        if let Some(status) = state.status {
            return format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n").into_bytes();
        }
        if request.key.as_deref() != Some("Bearer hf_secret") {
            return b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_vec();
        }
        if request.path.starts_with("/api/models/o/n/revision/") {
            return answer("", &json!({"sha": COMMIT}));
        }
        if let Some(query) =
            request.path.strip_prefix(&format!("/api/models/o/n/tree/{COMMIT}?recursive=true"))
        {
            let from: usize = query.strip_prefix("&cursor=").map_or(0, |cursor| cursor.parse().unwrap());
            let all: Vec<Value> = state.files.iter().map(|(path, bytes)| entry(path, bytes)).collect();
            let most = if state.has_pages { 2 } else { all.len() };
            let page: Vec<Value> = all.iter().skip(from).take(most).cloned().collect();
            let next = from + most;
            let host = &request.host;
            let link = match next < all.len() {
                true => format!(
                    "link: <http://{host}/api/models/o/n/tree/{COMMIT}?recursive=true&cursor={next}>; rel=\"next\"\r\n"
                ),
                false => String::new(),
            };
            return answer(&link, &Value::Array(page));
        }
        match request.path.strip_prefix(&format!("/o/n/resolve/{COMMIT}/")) {
            Some(path) => format!(
                "HTTP/1.1 302 Found\r\nlocation: {store}/{path}?signed=1\r\ncontent-length: 0\r\n\r\n"
            )
            .into_bytes(),
            None => b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec(),
        }
    }

    /// What the server with the files says.
    fn send(state: &mut State, _: &str, request: &Request) -> Vec<u8> {
        state.leaked.extend(request.key.clone());
        let path = request.path.trim_start_matches('/').trim_end_matches("?signed=1").replace("%20", " ");
        let from = if state.ignores_ranges { 0 } else { request.from };
        state.sent.push((path.clone(), request.from));
        let mut bytes = state.files.get(&path).unwrap()[from..].to_vec();
        if state.alter > 0 {
            state.alter -= 1;
            bytes[0] ^= 1;
        }
        let all = state.files[&path].len();
        let mut head = match from {
            0 => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", bytes.len()),
            _ => format!(
                "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\ncontent-range: bytes {from}-{}/{all}\r\n\r\n",
                bytes.len(),
                all - 1
            ),
        }
        .into_bytes();
        if !state.break_after.is_empty() {
            bytes.truncate(state.break_after.remove(0));
        }
        head.extend(bytes);
        head
    }
}

struct Request {
    path: String,
    host: String,
    key: Option<String>,
    from: usize,
}

type Answer = fn(&mut State, &str, &Request) -> Vec<u8>;

fn serve(listener: TcpListener, state: Arc<Mutex<State>>, other: String, answer: Answer) {
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (state, other) = (Arc::clone(&state), other.clone());
            tokio::spawn(async move {
                let Some(request) = read(&mut stream).await else { return };
                let bytes = answer(&mut state.lock().unwrap(), &other, &request);
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            });
        }
    });
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let header = |name: &str| {
        head.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
    };
    let from = header("range: bytes=").map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
    let path = head.split(' ').nth(1)?.to_owned();
    Some(Request { path, host: header("host:")?, key: header("authorization:"), from })
}

fn answer(headers: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn entry(path: &str, bytes: &[u8]) -> Value {
    let blob = Sha1::new().chain_update(format!("blob {}\0", bytes.len())).chain_update(bytes);
    let oid = hex(&blob.finalize());
    match bytes.len() {
        size @ LARGE.. => json!({
            "type": "file", "path": path, "size": size, "oid": oid,
            "lfs": {"oid": hex(&Sha256::digest(bytes)), "size": size, "pointerSize": 135},
        }),
        size => json!({"type": "file", "path": path, "size": size, "oid": oid}),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
