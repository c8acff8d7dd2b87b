//! Pages as **HTML** that needs nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::chart::svg;
use crate::{Block, Figure, Label, Page, PlotError, Table};

const STYLE: &str = include_str!("style.css");

impl Page {
    /// The page as HTML.
    ///
    /// # Errors
    /// When a plot cannot be drawn.
    pub fn to_html(&self) -> Result<String, PlotError> {
        let mut blocks = Vec::new();
        for block in &self.blocks {
            blocks.push(written(block)?);
        }
        let body = html! {
            h1 { (self.title) }
            div.report { @for block in blocks { (block) } }
        };
        Ok(document(&self.title, self.kind, Some(&self.label), &body).into_string())
    }
}

/// A whole document around a body. What warns is in its title too, which a browser shows on a tab.
#[must_use]
pub fn document(title: &str, kind: &str, label: Option<&Label>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if let Some(label) = label.filter(|label| label.warns) { (label.word) ": " } (title) " - Assay " (kind) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    @if let Some(label) = label {
                        p.label.warns[label.warns] { strong { (label.word) } " " (label.meaning) }
                    }
                    (body)
                }
            }
        }
    }
}

/// A plot with its name, which is also told to those who cannot see it.
#[must_use]
pub fn figure(name: &str, more: &str, svg: &str) -> Markup {
    let name_of_svg = html! { (name) }.into_string().replace('"', "&quot;");
    let svg = svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{name_of_svg}\" "), 1);
    html! { figure { figcaption { strong { (name) } br; (more) } (PreEscaped(svg)) } }
}

/// A number that matters.
#[must_use]
pub fn tile(name: &str, value: &str, unit: &str, more: &str) -> Markup {
    html! {
        div.tile {
            div.name { (name) }
            div.value { (value) @if !unit.is_empty() { span.unit { " " (unit) } } }
            div.more { (more) }
        }
    }
}

fn written(block: &Block) -> Result<Markup, PlotError> {
    Ok(match block {
        Block::Section(text) => html! { h2 { (text) } },
        Block::Part(text) => html! { h3 { (text) } },
        Block::Text(text) => html! { p { (text) } },
        Block::Small(text) => html! { p.small { (text) } },
        Block::List(items) => html! { ul { @for item in items { li { (item) } } } },
        Block::Facts(facts) => html! { dl { @for (name, value) in facts { dt { (name) } dd { (value) } } } },
        Block::Tiles(tiles) => html! {
            div.tiles { @for t in tiles { (tile(&t.name, &t.value, "", &t.more)) } }
        },
        Block::Table(table) => written_table(table),
        Block::Figures(figures) => {
            let mut drawn = Vec::new();
            for Figure { name, more, plot } in figures {
                drawn.push(figure(name, more, &svg(|area| plot.draw(area))?));
            }
            html! { div.plots { @for figure in drawn { (figure) } } }
        }
    })
}

fn written_table(table: &Table) -> Markup {
    let is_text = |column: usize| table.texts.contains(&column);
    html! {
        div.wide { table {
            thead { tr { @for (n, head) in table.heads.iter().enumerate() { th.words[is_text(n)] { (head) } } } }
            tbody {
                @for row in &table.rows {
                    tr { @for (n, cell) in row.iter().enumerate() { td.words[is_text(n)] { (cell) } } }
                }
            }
        } }
    }
}
