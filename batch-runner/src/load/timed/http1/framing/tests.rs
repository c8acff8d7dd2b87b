use proptest::prelude::*;

use super::*;

/// Takes an answer in pieces of the given lengths, the last as long as it is.
fn take(answer: &[u8], pieces: &[usize]) -> (Framing, Vec<u8>, Result<(), BadAnswer>) {
    let (mut framing, mut body) = (Framing::default(), Vec::new());
    let mut rest = answer;
    for length in pieces.iter().copied().chain([usize::MAX]) {
        let (piece, after) = rest.split_at(length.min(rest.len()));
        rest = after;
        let taken = framing.take(piece, |data| body.extend_from_slice(data));
        if taken.is_err() {
            return (framing, body, taken);
        }
    }
    (framing, body, Ok(()))
}

const CHUNKED: &[u8] =
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n\
    3\r\nabc\r\nA;name=\"v\"\r\n0123456789\r\n0\r\nx-trailer: 1\r\n\r\n";
const COUNTED: &[u8] =
    b"HTTP/1.1 429 Slow down\r\nconnection: close\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nhello";

#[test]
fn every_split_gives_the_same_body() {
    for (answer, body, status, kept) in
        [(CHUNKED, &b"abc0123456789"[..], 200, true), (COUNTED, &b"hello"[..], 429, false)]
    {
        for first in 0..=answer.len() {
            for second in 0..=(answer.len() - first) {
                let (framing, found, result) = take(answer, &[first, second]);
                assert_eq!((result, &*found), (Ok(()), body), "{first} {second}");
                assert!(framing.has_ended() && framing.keeps_alive() == kept);
                assert_eq!(framing.status().as_u16(), status);
                let refused = (status == 429).then(|| Duration::from_secs(7));
                assert_eq!(framing.retry_after(), refused);
            }
        }
    }
}

#[test]
fn an_answer_without_a_length_ends_with_the_connection() {
    let (framing, body, _) = take(b"HTTP/1.0 200 OK\r\n\r\nall of it", &[]);
    assert_eq!(body, b"all of it");
    assert!(!framing.has_ended() && framing.ends_with_the_connection() && !framing.keeps_alive());
}

#[test]
fn an_answer_that_is_cut_short_has_not_ended() {
    let (framing, ..) = take(&CHUNKED[..CHUNKED.len() - 2], &[]);
    assert!(!framing.has_ended() && !framing.ends_with_the_connection() && framing.has_head());
    let (framing, ..) = take(&CHUNKED[..40], &[]);
    assert!(framing.has_begun() && !framing.has_head());
}

#[test]
fn what_follows_an_answer_spoils_the_connection() {
    let (framing, body, _) = take(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP", &[]);
    assert!(framing.has_ended() && !framing.keeps_alive());
    assert_eq!(body, b"ok");
}

#[test]
fn what_is_not_http_is_told() {
    for (answer, told) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], "version"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "length"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "length"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "size"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n", "size"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab", "longer"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n11112222333344445\r\n", "too large"),
    ] {
        let error = take(answer, &[]).2.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    let endless = [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'a'; MAX_HEAD]].concat();
    assert!(take(&endless, &[]).2.is_err());
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_are_taken_or_refused(
        answer in proptest::collection::vec(any::<u8>(), 0..400),
        chunked in any::<bool>(),
        pieces in proptest::collection::vec(0_usize..40, 0..20),
    ) {
        let head: &[u8] = if chunked { b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" } else { b"" };
        let answer = [head, &*answer].concat();
        let (whole, body, result) = take(&answer, &[]);
        let (cut, cut_body, cut_result) = take(&answer, &pieces);
        prop_assert_eq!((result, body, whole.has_ended()), (cut_result, cut_body, cut.has_ended()));
    }
}
