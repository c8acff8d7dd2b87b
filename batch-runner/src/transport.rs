//! A **transport** carries requests to a server and its answers back: TCP or a unix socket, TLS or none, HTTP/1.1
//! or HTTP/2. All of it is chosen when the [`Address`] is made, and nothing is chosen silently: a server that
//! does not speak what was asked for is told so. Proxies are used only when one is given, whatever the
//! environment says.

mod address;
mod proxy;
mod socket;
mod tls;
mod url;

pub use address::{Address, AddressError, HttpVersion, TransportOptions};
pub(crate) use socket::{Secured, Socket};
pub use url::{BadUrl, ServerUrl};
