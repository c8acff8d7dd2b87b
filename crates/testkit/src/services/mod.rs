//! **Services**: private servers, stopped when they are dropped. PostgreSQL and Redis listen on a socket in a
//! temporary folder, emulators of AWS on a free port of 127.0.0.1, so that tests cannot meet each other or
//! anything else.

mod aws;
mod batch;
mod kubernetes;
mod postgres;
mod redis;
mod tls_front;

pub use aws::{PrivateMinistack, PrivateMoto};
pub use batch::{BatchFake, BatchFakeConfig};
pub use kubernetes::{KubernetesFake, NAMESPACE, TEMPLATE};
pub use postgres::PrivatePostgres;
pub use redis::PrivateRedis;
pub use tls_front::TlsFront;
