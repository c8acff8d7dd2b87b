//! **Out of memory**: how engines say that a GPU's memory does not suffice. Each says it in its own words, and ends with a
//! trace of something else below them.

/// What they write, in small letters. Sources: the messages of PyTorch and CUDA, and of the engines' own checks.
const PHRASES: [&str; 9] = [
    // PyTorch, CUDA's runtime, ggml.
    "out of memory",
    "outofmemoryerror",
    // vLLM: nothing is left for the KV cache, or less than one request needs.
    "no available memory for the cache blocks",
    "larger than the maximum number of tokens that can be stored in kv cache",
    "larger than the available kv cache memory",
    // TGI.
    "not enough memory to handle",
    // SGLang.
    "not enough memory. please try",
    // llama.cpp.
    "failed to allocate compute buffers",
    "failed to allocate buffer",
];

/// The first of an engine's lines that says so.
pub(super) fn said(lines: &[String]) -> Option<&str> {
    let says = |line: &&String| {
        let line = line.to_lowercase();
        PHRASES.iter().any(|phrase| line.contains(phrase))
    };
    lines.iter().find(says).map(|line| line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_is_understood() {
        for line in [
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 21.95 GiB",
            "ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`",
            "ValueError: To serve at least one request with the models's max seq len (131072), (16.00 GiB KV cache is needed, \
             which is larger than the available KV cache memory (3.10 GiB).",
            "RuntimeError: Not enough memory to handle 4096 prefill tokens. You need to decrease `--max-batch-prefill-tokens`",
            "RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.",
            "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9216.00 MiB on device 0: cudaMalloc failed: out of memory",
        ] {
            let lines =
                ["loading".to_owned(), line.to_owned(), "Engine core initialization failed".to_owned()];
            assert_eq!(said(&lines), Some(line));
        }
        assert_eq!(said(&["KeyError: 'memory'".to_owned()]), None);
    }
}
