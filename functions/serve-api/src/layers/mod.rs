//! The **layers** around every route: what is done to a request before it is answered and to its answer after that.

pub mod problems;
pub mod request_id;
