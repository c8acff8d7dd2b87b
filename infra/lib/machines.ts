/**
 * **Machines**: what jobs run on. A job has all of one, so that nothing runs beside a measurement: it asks for all of its processors,
 * and has as many of its GPUs as its hardware config says. Each type has queues of its own.
 *
 * The types with GPUs are those of crates/domain/data/instances.yaml, by whose prices campaigns are planned and charged, and which the
 * dispatcher fills into the names of queues (crates/cloud/src/batch/machine.rs); a test holds them together.
 */

export type Accelerator = "cpu" | "l4" | "a100-80gb" | "h100";
export type Engine = "vllm" | "tgi" | "lmdeploy" | "sglang" | "llama.cpp";

export interface MachineType {
  readonly accelerator: Accelerator;
  readonly gpus: number;
  readonly vcpus: number;
  readonly memoryGib: number;
}

/** By instance type; `cpu` is one without a GPU, for hosted models and the simulated engine. */
export const machines = {
  cpu: { accelerator: "cpu", gpus: 0, vcpus: 8, memoryGib: 16 },
  "g6.xlarge": { accelerator: "l4", gpus: 1, vcpus: 4, memoryGib: 16 },
  "g6.12xlarge": { accelerator: "l4", gpus: 4, vcpus: 48, memoryGib: 192 },
  "g6.48xlarge": { accelerator: "l4", gpus: 8, vcpus: 192, memoryGib: 768 },
  "p4de.24xlarge": { accelerator: "a100-80gb", gpus: 8, vcpus: 96, memoryGib: 1152 },
  "p5.4xlarge": { accelerator: "h100", gpus: 1, vcpus: 16, memoryGib: 256 },
  "p5.48xlarge": { accelerator: "h100", gpus: 8, vcpus: 192, memoryGib: 2048 },
} as const satisfies { readonly [name: string]: MachineType };

export type Machine = keyof typeof machines;

/** How many of a machine each of its queues may have at once. */
export type Machines = { readonly [machine in Machine]?: number };

/** The instance type. */
export const instanceType = (machine: Machine) => (machine === "cpu" ? "c7i.2xlarge" : machine);

/** What a container may take of the memory, MiB: ECS and the kernel keep less than a tenth. */
export const containerMib = (machine: Machine) => Math.floor(machines[machine].memoryGib * 1024 * 0.9);

/** Those of an environment, with how many of each its queues may have. */
export function machinesOf(name: string, some: Machines): [Machine, number][] {
  const chosen = Object.entries(some) as [Machine, number][];
  for (const [machine, count] of chosen) {
    if (!Number.isInteger(count) || count < 1) {
      throw new Error(`compute.machines["${machine}"] of ${name} is ${count}: give how many of them may run at once, 1 or more, or leave it out`);
    }
  }
  return chosen;
}
