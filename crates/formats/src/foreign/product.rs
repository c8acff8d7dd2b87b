//! The accelerator that a **product name** is of, such as `NVIDIA H100 80GB HBM3` or `b200-trt`.

use domain::Accelerator;

/// The accelerator, where the name leaves no doubt.
pub fn accelerator(name: &str) -> Option<Accelerator> {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |word: &str| words.contains(&word);
    if has("a100") {
        // Its memory is part of what it is.
        return match (has("80gb"), has("40gb")) {
            (true, false) => Some(Accelerator::A100Gb80),
            (false, true) => Some(Accelerator::A100Gb40),
            _ => None,
        };
    }
    // A slower H100 with another memory, and a superchip, are other products.
    if has("nvl") || has("pcie") || has("gh200") || has("gb200") || has("mig") {
        return None;
    }
    let one_word =
        |accelerator: &Accelerator| !matches!(accelerator, Accelerator::Cpu) && has(accelerator.name());
    let mut found = Accelerator::ALL.into_iter().filter(one_word);
    found.next().filter(|_| found.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leaves_doubt_is_none() {
        for (name, expected) in [
            ("NVIDIA H100 80GB HBM3", Some(Accelerator::H100)),
            ("NVIDIA-H100-80GB-HBM3", Some(Accelerator::H100)),
            ("b200-trt", Some(Accelerator::B200)),
            ("NVIDIA A100-SXM4-80GB", Some(Accelerator::A100Gb80)),
            ("NVIDIA L40S", Some(Accelerator::L40s)),
            ("a100", None),
            ("NVIDIA H100 NVL", None),
            ("NVIDIA H100 PCIe", None),
            ("gb200", None),
            ("mi300x", None),
            ("h100 and l4", None),
            ("", None),
        ] {
            assert_eq!(accelerator(name), expected, "{name}");
        }
    }
}
