//! The **metrics map** of an engine: under which names its `/metrics` tells what every engine knows.
//!
//! Names and meaning are those of the engines' own sources: vLLM 0.32 (and `gpu_cache_usage_perc` of older ones), TGI 3,
//! LMDeploy 0.16, SGLang's documents on production metrics, llama.cpp's server (and the cache's gauge of older ones).

use domain::Engine;

use super::exposition::lines;

/// Names of one engine's metrics; the first that its page has is taken.
#[derive(Debug)]
pub(super) struct MetricsMap {
    running: &'static [&'static str],
    waiting: &'static [&'static str],
    /// A share of the KV cache.
    kv_cache_use: &'static [&'static str],
    /// A counter.
    preemptions: &'static [&'static str],
    /// Two counters, in prompt tokens.
    prefix_cache_queries: &'static [&'static str],
    prefix_cache_hits: &'static [&'static str],
}

const VLLM: MetricsMap = MetricsMap {
    running: &["vllm:num_requests_running"],
    waiting: &["vllm:num_requests_waiting"],
    kv_cache_use: &["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"],
    preemptions: &["vllm:num_preemptions_total"],
    prefix_cache_queries: &["vllm:prefix_cache_queries_total"],
    prefix_cache_hits: &["vllm:prefix_cache_hits_total"],
};
const TGI: MetricsMap = MetricsMap {
    running: &["tgi_batch_current_size"],
    waiting: &["tgi_queue_size"],
    kv_cache_use: &[],
    preemptions: &[],
    prefix_cache_queries: &[],
    prefix_cache_hits: &[],
};
const LMDEPLOY: MetricsMap = MetricsMap {
    running: &["lmdeploy:num_requests_running"],
    waiting: &["lmdeploy:num_requests_waiting"],
    kv_cache_use: &["lmdeploy:gpu_cache_usage_perc"],
    preemptions: &[],
    prefix_cache_queries: &["lmdeploy:prompt_tokens_total"],
    prefix_cache_hits: &["lmdeploy:cached_tokens_total"],
};
const SGLANG: MetricsMap = MetricsMap {
    running: &["sglang:num_running_reqs"],
    waiting: &["sglang:num_queue_reqs"],
    kv_cache_use: &["sglang:token_usage"],
    preemptions: &["sglang:num_retracted_requests_total", "sglang:num_retracted_reqs_total"],
    prefix_cache_queries: &["sglang:prompt_tokens_total"],
    prefix_cache_hits: &["sglang:cached_tokens_total"],
};
const LLAMA_CPP: MetricsMap = MetricsMap {
    running: &["llamacpp:requests_processing"],
    waiting: &["llamacpp:requests_deferred"],
    kv_cache_use: &["llamacpp:kv_cache_usage_ratio"],
    preemptions: &[],
    prefix_cache_queries: &[],
    prefix_cache_hits: &[],
};

impl MetricsMap {
    /// The map of an engine. None for the simulated one, whose metrics would say nothing of an engine.
    pub const fn of(engine: Engine) -> Option<&'static Self> {
        match engine {
            Engine::Vllm => Some(&VLLM),
            Engine::Tgi => Some(&TGI),
            Engine::Lmdeploy => Some(&LMDEPLOY),
            Engine::Sglang => Some(&SGLANG),
            Engine::LlamaCpp => Some(&LLAMA_CPP),
            Engine::Simulated => None,
        }
    }

    /// What a page says. Of several series of one name, such as of parallel ranks, requests and counters are added up, and
    /// the fullest cache counts.
    pub fn read(&self, page: &str) -> EngineReading {
        let sum = |names| fold(page, names, |a, b| a + b);
        EngineReading {
            running: sum(self.running),
            waiting: sum(self.waiting),
            kv_cache_use: fold(page, self.kv_cache_use, f64::max),
            preemptions: sum(self.preemptions),
            prefix_cache_queries: sum(self.prefix_cache_queries),
            prefix_cache_hits: sum(self.prefix_cache_hits),
        }
    }
}

fn fold(page: &str, names: &[&str], both: fn(f64, f64) -> f64) -> Option<f64> {
    let of = |name: &str| lines(page).filter(|line| line.name == name).map(|line| line.value).reduce(both);
    names.iter().find_map(|name| of(name)).filter(|value| value.is_finite())
}

/// What an engine says of itself at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct EngineReading {
    pub running: Option<f64>,
    pub waiting: Option<f64>,
    pub kv_cache_use: Option<f64>,
    pub preemptions: Option<f64>,
    pub prefix_cache_queries: Option<f64>,
    pub prefix_cache_hits: Option<f64>,
}

impl EngineReading {
    /// Each value under the name that it is stored by.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, f64)> {
        [
            ("running_requests", self.running),
            ("waiting_requests", self.waiting),
            ("kv_cache_use", self.kv_cache_use),
            ("preemptions_total", self.preemptions),
            ("prefix_cache_query_tokens_total", self.prefix_cache_queries),
            ("prefix_cache_hit_tokens_total", self.prefix_cache_hits),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }

    /// Whether the page told nothing of it.
    pub fn is_empty(&self) -> bool {
        self.named().next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(engine: Engine, page: &str) -> EngineReading {
        MetricsMap::of(engine).unwrap().read(page)
    }

    /// Pages of real servers, cut down to what is read and its neighbours.
    #[test]
    fn pages_of_real_servers_are_read() {
        let vllm = include_str!("../../tests/metrics_pages/vllm.txt");
        let expected = EngineReading {
            running: Some(3.0),
            waiting: Some(1.0),
            kv_cache_use: Some(0.25),
            preemptions: Some(2.0),
            prefix_cache_queries: Some(52.0),
            prefix_cache_hits: Some(13.0),
        };
        assert_eq!(read(Engine::Vllm, vllm), expected);
        let llama_cpp = include_str!("../../tests/metrics_pages/llama.cpp.txt");
        let expected = EngineReading { running: Some(4.0), waiting: Some(2.0), ..EngineReading::default() };
        assert_eq!(read(Engine::LlamaCpp, llama_cpp), expected);
    }

    #[test]
    fn ranks_are_added_up_and_the_fullest_cache_counts() {
        let page = "sglang:num_running_reqs{tp_rank=\"0\"} 3\nsglang:num_running_reqs{tp_rank=\"1\"} 4\n\
                    sglang:token_usage{tp_rank=\"0\"} 0.2\nsglang:token_usage{tp_rank=\"1\"} 0.7\n";
        let reading = read(Engine::Sglang, page);
        assert_eq!((reading.running, reading.kv_cache_use), (Some(7.0), Some(0.7)));
        assert!(read(Engine::Tgi, page).is_empty());
        assert!(MetricsMap::of(Engine::Simulated).is_none());
    }

    #[test]
    fn an_older_name_is_read_where_the_newer_is_not_there() {
        assert_eq!(read(Engine::Vllm, "vllm:gpu_cache_usage_perc 0.5").kv_cache_use, Some(0.5));
        assert_eq!(read(Engine::Vllm, "vllm:num_requests_running NaN").running, None);
    }
}
