/** A campaign of the simulated engine that takes a second or two. */
export const SPEC = `
name: from-the-page
models: [llama-3.1-8b-instruct]
quantisations: [int4]
hardware: [l4x1]
frameworks: [simulated]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 16, output_tokens: 4, concurrency: [2, 4], requests: 20, warm_up: 2}
`;
