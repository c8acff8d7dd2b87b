//! Specs for tests.

use domain::{CampaignId, CampaignSpec};

/// A spec of one model with weights in every precision, on several GPUs and engines.
pub fn spec(extra: &str) -> CampaignSpec {
    let text = format!(
        "
name: test
models:
  - name: llama-3.1-8b-instruct
    artifacts:
      - {{quantisation: fp8, format: safetensors, path: owner/fp8}}
      - {{quantisation: int8, format: safetensors, path: owner/int8}}
      - {{quantisation: int4, format: safetensors, path: owner/int4}}
quantisations: [fp16, fp8, int8, int4]
hardware: [l4x1, l4x2, l4x4, l4x8, a100-80gbx1, a100-80gbx2, a100-80gbx4, a100-80gbx8, h100x1, h100x2, h100x4, h100x8]
frameworks: [vllm, simulated, {{name: vllm, version: 0.11.2}}, {{name: simulated, version: 0.1.0}}]
workloads:
  - {{name: chat, use_case: chatbot, input_tokens: 512, output_tokens: 256, concurrency: [1, 2, 4, 8, 16, 32, 64, 128]}}
  - {{name: code, use_case: code-generation, input_tokens: 1024, output_tokens: 512, concurrency: [1, 2, 4, 8, 16, 32, 64, 128]}}
  - {{name: qa, use_case: qa, input_tokens: 2048, output_tokens: 128, concurrency: [1, 2, 4, 8, 16, 32, 64, 128]}}
  - {{name: sum, use_case: summarization, input_tokens: 4096, output_tokens: 256, concurrency: [1, 2, 4, 8, 16, 32, 64, 128]}}
  - {{name: story, use_case: creative-writing, input_tokens: 256, output_tokens: 1024, concurrency: [1, 2, 4, 8, 16, 32, 64, 128]}}
  - {{name: long, use_case: summarization, input_tokens: 8192, output_tokens: 512, concurrency: [1, 2, 4, 8, 16, 32, 64, 128]}}
{extra}"
    );
    CampaignSpec::from_yaml(&text).unwrap()
}

pub fn campaign() -> CampaignId {
    "test-0123".parse().unwrap()
}
