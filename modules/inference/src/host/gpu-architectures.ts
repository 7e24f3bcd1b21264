/** What a generation of NVIDIA GPUs can run. */
export interface GpuArchitecture {
  readonly name: string;
  /** Lowest compute capability of the generation. */
  readonly from: number;
  /** Where such a GPU is met in Azure. */
  readonly azure: string;
  /** First CUDA that knows it. */
  readonly firstCuda: string;
  /** Last major version of CUDA that knows it; `undefined` where it goes on. */
  readonly lastCudaMajor: number | undefined;
}

/**
 * The generations that Azure's compute targets have, and those after them, newest first: Azure Machine Learning's table of
 * architectures, series and CUDA versions, with the compute capabilities and the ends of support of NVIDIA's CUDA manual.
 */
const GPU_ARCHITECTURES: readonly GpuArchitecture[] = [
  { name: 'Blackwell', from: 10, azure: 'ND GB200 v6', firstCuda: '12.8', lastCudaMajor: undefined },
  { name: 'Hopper', from: 9, azure: 'NCads H100 v5, ND H100 v5', firstCuda: '11.8', lastCudaMajor: undefined },
  { name: 'Ada', from: 8.9, azure: 'none', firstCuda: '11.8', lastCudaMajor: undefined },
  { name: 'Ampere', from: 8, azure: 'NDA100_v4', firstCuda: '11.0', lastCudaMajor: undefined },
  {
    name: 'Turing',
    from: 7.5,
    azure: 'NCT4_v3, Azure Stack Edge Pro (T4)',
    firstCuda: '10.0',
    lastCudaMajor: undefined,
  },
  { name: 'Volta', from: 7, azure: 'NCv3, NDv2', firstCuda: '9.0', lastCudaMajor: 12 },
  { name: 'Pascal', from: 6, azure: 'NCv2, ND', firstCuda: '9.0', lastCudaMajor: 12 },
  { name: 'Maxwell', from: 5, azure: 'NV, NVv3', firstCuda: '9.0', lastCudaMajor: 12 },
  { name: 'Kepler', from: 3, azure: 'NC, NC Promo', firstCuda: '9.0', lastCudaMajor: 11 },
];

/** Least driver of each major version of CUDA on Linux. */
const LEAST_DRIVERS: readonly { readonly cudaMajor: number; readonly driver: number }[] = [
  { cudaMajor: 13, driver: 580 },
  { cudaMajor: 12, driver: 525 },
  { cudaMajor: 11, driver: 450 },
];

const NAMES: readonly { readonly pattern: RegExp; readonly capability: number }[] = [
  { pattern: /\bGB?200\b|\bB200\b|RTX 50\d\d/, capability: 10 },
  { pattern: /\bH(?:100|200|20)\b|\bGH200\b/, capability: 9 },
  { pattern: /\bL(?:4|40S?)\b|RTX 40\d\d|RTX .* Ada/, capability: 8.9 },
  { pattern: /\bA(?:2|10G?|16|40)\b|RTX 30\d\d|RTX A\d/, capability: 8.6 },
  { pattern: /\bA(?:100|30)\b/, capability: 8 },
  { pattern: /\bT4\b|RTX 20\d\d|GTX 16\d\d|Quadro RTX|\bT\d{3,4}\b/, capability: 7.5 },
  { pattern: /\bV100\b|TITAN V\b/, capability: 7 },
  { pattern: /\bP(?:4|40)\b|GTX 10\d\d|\bQuadro P\d/, capability: 6.1 },
  { pattern: /\bP100\b/, capability: 6 },
  { pattern: /\bM(?:60|40|4)\b|GTX 9\d\d/, capability: 5.2 },
  { pattern: /\bK(?:80|40|20)\b/, capability: 3.7 },
];

/** `undefined` for what is older than all of them, or no number. */
export function architectureOf(computeCapability: number): GpuArchitecture | undefined {
  return GPU_ARCHITECTURES.find(({ from }) => computeCapability >= from);
}

/** Compute capability by the name of the product, for drivers that do not tell it. */
export function capabilityByName(name: string): number | undefined {
  return NAMES.find(({ pattern }) => pattern.test(name))?.capability;
}

/** Highest major version of CUDA that a driver serves, `535.183.01` for example; `undefined` for one before CUDA 11. */
export function cudaMajorOfDriver(driver: string): number | undefined {
  const major = Number.parseInt(driver, 10);
  return LEAST_DRIVERS.find((each) => major >= each.driver)?.cudaMajor;
}

/** Least driver for a major version of CUDA. */
export function leastDriverFor(cudaMajor: number): number | undefined {
  return LEAST_DRIVERS.find((each) => each.cudaMajor === cudaMajor)?.driver;
}
