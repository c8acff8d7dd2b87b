/**
 * **Machines**: the instance types of each kind of accelerator, and the share of one that a job gets. The types are those of
 * crates/domain/data/instances.yaml, by whose prices campaigns are planned; a test holds them together.
 */

export type Accelerator = "cpu" | "l4" | "a100-80gb" | "h100";
export type Engine = "vllm" | "tgi" | "lmdeploy" | "sglang";

/** One hardware config, such as `l4x4`, and what its job asks of a machine. */
export interface Hardware {
  readonly name: string;
  readonly gpus: number;
  readonly vcpus: number;
  /** What a container may take; ECS and the kernel keep the rest. */
  readonly memoryMib: number;
}

export interface Machines {
  readonly instanceTypes: readonly string[];
  readonly hardware: readonly Hardware[];
}

/** Jobs of 1, 2, 4 and 8 GPUs, each with its part of the smallest instance that has as many. */
export const machines: { readonly [accelerator in Accelerator]: Machines } = {
  cpu: {
    instanceTypes: ["c7i.2xlarge", "c7i.4xlarge", "m7i.2xlarge"],
    hardware: [{ name: "cpu", gpus: 0, vcpus: 4, memoryMib: 7_000 }],
  },
  l4: {
    instanceTypes: ["g6.xlarge", "g6.12xlarge", "g6.48xlarge"],
    hardware: [
      { name: "l4x1", gpus: 1, vcpus: 4, memoryMib: 14_000 },
      { name: "l4x2", gpus: 2, vcpus: 24, memoryMib: 90_000 },
      { name: "l4x4", gpus: 4, vcpus: 48, memoryMib: 180_000 },
      { name: "l4x8", gpus: 8, vcpus: 192, memoryMib: 720_000 },
    ],
  },
  "a100-80gb": {
    instanceTypes: ["p4de.24xlarge"],
    hardware: [
      { name: "a100-80gbx1", gpus: 1, vcpus: 12, memoryMib: 136_000 },
      { name: "a100-80gbx2", gpus: 2, vcpus: 24, memoryMib: 272_000 },
      { name: "a100-80gbx4", gpus: 4, vcpus: 48, memoryMib: 544_000 },
      { name: "a100-80gbx8", gpus: 8, vcpus: 96, memoryMib: 1_088_000 },
    ],
  },
  h100: {
    instanceTypes: ["p5.4xlarge", "p5.48xlarge"],
    hardware: [
      { name: "h100x1", gpus: 1, vcpus: 16, memoryMib: 240_000 },
      { name: "h100x2", gpus: 2, vcpus: 48, memoryMib: 490_000 },
      { name: "h100x4", gpus: 4, vcpus: 96, memoryMib: 980_000 },
      { name: "h100x8", gpus: 8, vcpus: 192, memoryMib: 1_960_000 },
    ],
  },
};
