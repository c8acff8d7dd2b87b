//! A **node** is a value of a file with its path, so that whatever is wrong with it is told with its place.

use std::fmt;

use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A field.
    Key(String),
    /// A place in a list, from 0.
    Index(usize),
}

/// Where a value is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(Vec<Step>);

impl Path {
    /// A path of steps.
    pub fn of(steps: &[Step]) -> Self {
        Self(steps.to_vec())
    }

    /// Its steps.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What is wrong with a value, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub path: Path,
    /// What, and the mend.
    pub problem: String,
}

/// A value and where it is.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// The value.
    pub value: &'a Value,
    /// Where it is.
    pub path: Path,
}

impl<'a> Node<'a> {
    /// The whole of a file.
    pub fn root(value: &'a Value) -> Self {
        Self { value, path: Path::default() }
    }

    /// A field, unless it is absent or null.
    pub fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Self { value, path: self.path.with(Step::Key(key.to_owned())) })
    }

    /// A field of a field, and so on.
    pub fn at<const N: usize>(&self, keys: [&str; N]) -> Option<Self> {
        keys.into_iter().try_fold(self.clone(), |node, key| node.get(key))
    }

    /// A field that must be there.
    pub fn need(&self, key: &str) -> Result<Self, Problem> {
        self.get(key).ok_or_else(|| Problem {
            path: self.path.with(Step::Key(key.to_owned())),
            problem: "is missing; is the file complete?".to_owned(),
        })
    }

    /// The values of a list.
    pub fn list(&self) -> Result<Vec<Self>, Problem> {
        let values = self.value.as_array().ok_or_else(|| self.bad("should be a list"))?;
        let node = |(at, value)| Self { value, path: self.path.with(Step::Index(at)) };
        Ok(values.iter().enumerate().map(node).collect())
    }

    /// A number, which is not below zero.
    pub fn number(&self) -> Result<f64, Problem> {
        let number = self.value.as_f64().filter(|number| number.is_finite());
        let number =
            number.ok_or_else(|| self.bad(format!("should be a number, and is {}", self.shown())))?;
        if number < 0.0 {
            return Err(self.bad(format!("is {number}, and cannot be below zero")));
        }
        Ok(number)
    }

    /// The numbers of a list.
    pub fn numbers(&self) -> Result<Vec<f64>, Problem> {
        let values = self.value.as_array().ok_or_else(|| self.bad("should be a list of numbers"))?;
        let number = |(at, value): (usize, &'a Value)| {
            let found = value.as_f64().filter(|number| number.is_finite() && *number >= 0.0);
            // The path is only made where it is needed: there may be a million.
            found.map_or_else(|| Self { value, path: self.path.with(Step::Index(at)) }.number(), Ok)
        };
        values.iter().enumerate().map(number).collect()
    }

    /// A number of things.
    pub fn count(&self) -> Result<u64, Problem> {
        let number = self.number()?;
        if number.fract() != 0.0 || number > 9e15 {
            return Err(self.bad(format!("is {number}, and should be a whole number")));
        }
        Ok(number as u64)
    }

    /// A text.
    pub fn text(&self) -> Result<&'a str, Problem> {
        self.value.as_str().ok_or_else(|| self.bad(format!("should be a text, and is {}", self.shown())))
    }

    /// Something is wrong with it.
    pub fn bad(&self, problem: impl Into<String>) -> Problem {
        Problem { path: self.path.clone(), problem: problem.into() }
    }

    /// The value, shortened.
    fn shown(&self) -> String {
        match self.value {
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
            Value::String(text) => format!("`{}`", text.chars().take(40).collect::<String>()),
            other => other.to_string(),
        }
    }
}
