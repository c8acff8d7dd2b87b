//! The **parameters** of a URL, taken one after another. What is left over is refused: a misspelt parameter that is passed
//! over is a wrong answer. So is one that is repeated where one value counts.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::Query;
use axum::http::Uri;

use crate::Problem;

/// Most parameters of a URL: there would be no end to the work of one question.
const MOST: usize = 200;

/// Names and values in the order of the URL.
#[derive(Debug)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a URL.
    pub fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|e| Problem::bad_request(None, e.body_text()))?;
        if pairs.len() > MOST {
            return Err(Problem::bad_request(None, format!("{MOST} parameters at most, please")));
        }
        Ok(Self(pairs))
    }

    /// The value of one that may be there once.
    pub fn one<T>(&mut self, name: &str) -> Result<Option<T>, Problem>
    where
        T: FromStr<Err: Display>,
    {
        let mut values = self.every(name);
        let Some(value) = values.pop() else { return Ok(None) };
        if !values.is_empty() {
            return Err(Problem::bad_field(
                name,
                format_args!("`{name}` is given more than once; give it once"),
            ));
        }
        let bad = |e: T::Err| Problem::bad_field(name, format_args!("`{name}` is `{value}`: {e}"));
        value.parse().map(Some).map_err(bad)
    }

    /// The value of one that must be there.
    pub fn needed<T>(&mut self, name: &str) -> Result<T, Problem>
    where
        T: FromStr<Err: Display>,
    {
        self.one(name)?
            .ok_or_else(|| Problem::bad_field(name, format_args!("`{name}` is missing; give it once")))
    }

    /// A number from a range, or what is usual.
    pub fn number(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<usize>,
        usual: usize,
    ) -> Result<usize, Problem> {
        let Some(number) = self.one(name)? else { return Ok(usual) };
        if range.contains(&number) {
            return Ok(number);
        }
        let (least, most) = (range.start(), range.end());
        Err(Problem::bad_field(name, format_args!("`{name}` is {number} and must be {least} to {most}")))
    }

    /// All values of one that may be repeated.
    pub fn every(&mut self, name: &str) -> Vec<String> {
        let taken = self.0.extract_if(.., |(known, _)| known == name);
        taken.map(|(_, value)| value).collect()
    }

    /// The first that nobody took.
    pub fn next_name(&self) -> Option<String> {
        self.0.first().map(|(name, _)| name.clone())
    }

    /// Refuses what nobody took.
    pub fn none_left(self, known: &str) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                Err(Problem::bad_field(name, format_args!("`{name}` is no parameter of this path: {known}")))
            }
        }
    }
}
