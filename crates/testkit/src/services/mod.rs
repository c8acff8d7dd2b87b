//! **Services**: private servers on a socket in a temporary folder, stopped when they are dropped. Nothing
//! listens on the network, so that tests cannot meet each other or anything else.

mod postgres;
mod redis;

pub use postgres::PrivatePostgres;
pub use redis::PrivateRedis;
