//! The first page: what this server is, what it knows, and where to go.

use axum::response::Html;

/// `GET /`
pub async fn first_page() -> Html<&'static str> {
    Html(include_str!("page.html"))
}
