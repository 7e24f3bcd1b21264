import type { GpuHost } from './detect-gpu-host.ts';
import { architectureOf, leastDriverFor } from './gpu-architectures.ts';

/** The CUDA that the GPU image is built with. */
export const IMAGE_CUDA_MAJOR = 12;

/** One thing that stands between a host and its GPU, and what to do. */
export interface GpuAdvice {
  /** `problem`: the GPU cannot be used. `note`: it can, but something deserves a look. */
  readonly level: 'problem' | 'note';
  readonly finding: string;
  readonly remedy: string;
}

/** What is wrong with a host's GPU, the cause before its consequences. Empty when all is well. */
export function gpuAdvice(host: GpuHost): GpuAdvice[] {
  // The container sees the kernel's /proc, but no device that it was not given.
  if ((host.kind === 'none' || host.kind === 'dri') && host.driver !== undefined) {
    return [withheldAdvice(host.driver)];
  }
  switch (host.kind) {
    case 'none':
      return [
        {
          level: 'problem',
          finding: 'no GPU: none of /dev/nvidia*, /dev/dxg and /dev/dri is here',
          remedy: [
            `In a container: give it the GPU in createOptions, ${DEVICE_REQUESTS}, with the NVIDIA container toolkit on the host;`,
            'on EFLOW with GPU-PV, "Devices" with /dev/dxg and "Binds" with /usr/lib/wsl.',
            'On EFLOW: Set-EflowVM with -gpuName, -gpuPassthroughType and -gpuCount, and with -cpuCount and -memoryInMB: what is left out goes back to its default.',
            'On the host itself: install the driver.',
          ].join(' '),
        },
      ];
    case 'dri':
      return [
        {
          level: 'note',
          finding: 'a GPU that is not from NVIDIA, or without its driver',
          remedy:
            'Use "executionProviders": ["webgpu", "cpu"]; that needs the Vulkan driver of the GPU in the container. Measure it: small integrated GPUs are often slower than the CPU.',
        },
      ];
    case 'gpu-pv':
      return [...gpuPvAdvice(host), ...cudaAdvice(host)];
    case 'nvidia':
      return [...nvidiaAdvice(host), ...cudaAdvice(host)];
  }
}

const DEVICE_REQUESTS = '"DeviceRequests":[{"Count":-1,"Capabilities":[["gpu"]]}] in "HostConfig"';

function withheldAdvice(driver: string): GpuAdvice {
  return {
    level: 'problem',
    finding: `the host has NVIDIA driver ${driver}, but no /dev/nvidia* is here`,
    remedy: [
      `In a container: give it the GPU in createOptions, ${DEVICE_REQUESTS}, and see that NVIDIA_VISIBLE_DEVICES is not "none" or "void".`,
      'On the host itself: nvidia-smi, run once as root, makes the device nodes.',
    ].join(' '),
  };
}

function gpuPvAdvice({ hasWslLibraries, libcuda }: GpuHost): GpuAdvice[] {
  const advice: GpuAdvice[] = [];
  if (!hasWslLibraries) {
    advice.push({
      level: 'problem',
      finding: '/dev/dxg is here, but the driver libraries of /usr/lib/wsl are not',
      remedy:
        'In a container, mount them: "Binds": ["/usr/lib/wsl:/usr/lib/wsl:ro"] in "HostConfig", and the variable LD_LIBRARY_PATH=/usr/lib/wsl/lib. On the host itself: update the GPU driver of Windows, which brings them.',
    });
  } else if (libcuda !== undefined && !libcuda.startsWith('/usr/lib/wsl/')) {
    advice.push({
      level: 'problem',
      finding: `libcuda is taken from ${libcuda}`,
      remedy:
        'With GPU-PV the only one that works is that of /usr/lib/wsl/lib: put it first in LD_LIBRARY_PATH, and use an image without a CUDA compat folder.',
    });
  }
  return advice;
}

function nvidiaAdvice({ driver, libcuda, smiFailure }: GpuHost): GpuAdvice[] {
  const advice: GpuAdvice[] = [];
  if (driver === undefined) {
    advice.push({
      level: 'problem',
      finding: '/dev/nvidia* is here, but no driver answers',
      remedy: 'Install or repair the NVIDIA driver of the host; after an update of the kernel, restart the host.',
    });
  }
  if (libcuda === undefined) {
    advice.push({
      level: 'problem',
      finding: 'libcuda.so.1 is not here',
      remedy:
        'In a container it comes from the host through the NVIDIA container toolkit: install it, run "nvidia-ctk runtime configure" and restart Docker.',
    });
  }
  if (smiFailure !== undefined && smiFailure !== 'not found') {
    advice.push({
      level: 'problem',
      finding: `nvidia-smi fails: ${smiFailure}`,
      remedy: 'Most often the driver in the kernel and its libraries are of different versions: restart the host.',
    });
  }
  return advice;
}

function cudaAdvice({ driver, devices, cudaLibraries }: GpuHost): GpuAdvice[] {
  const advice: GpuAdvice[] = [];
  const needed = leastDriverFor(IMAGE_CUDA_MAJOR) ?? 0;
  if (driver !== undefined && Number.parseInt(driver, 10) < needed) {
    advice.push({
      level: 'problem',
      finding: `driver ${driver} is too old for CUDA ${IMAGE_CUDA_MAJOR}`,
      remedy: `Install driver ${needed} or later. In a GPU VM of Azure Stack Edge the guest's driver counts.`,
    });
  }
  for (const { index, name, computeCapability } of devices) {
    const architecture = computeCapability === undefined ? undefined : architectureOf(computeCapability);
    if (architecture?.lastCudaMajor !== undefined && architecture.lastCudaMajor < IMAGE_CUDA_MAJOR) {
      advice.push({
        level: 'problem',
        finding: `GPU ${index}, ${name}: ${architecture.name} ended with CUDA ${architecture.lastCudaMajor}`,
        remedy: 'The runtime has no build for it: use the CPU, or a newer GPU.',
      });
    } else if (architecture?.lastCudaMajor === IMAGE_CUDA_MAJOR) {
      advice.push({
        level: 'note',
        finding: `GPU ${index}, ${name}: ${architecture.name} ends with CUDA ${IMAGE_CUDA_MAJOR}`,
        remedy: 'It works with this image; an image built for CUDA 13 will not run on it.',
      });
    }
  }
  const missing = ['libcudart', 'libcudnn'].filter(
    (library) => !cudaLibraries.some((name) => name.startsWith(`${library}.so.`)),
  );
  const others = cudaLibraries.filter(
    (name) => name.startsWith('libcudart.so.') && name !== `libcudart.so.${IMAGE_CUDA_MAJOR}`,
  );
  if (others.length > 0 && !cudaLibraries.includes(`libcudart.so.${IMAGE_CUDA_MAJOR}`)) {
    advice.push({
      level: 'note',
      finding: `${others.join(' and ')} is here, the image is built for CUDA ${IMAGE_CUDA_MAJOR}`,
      remedy: 'Builds of the runtime for one CUDA do not load the libraries of another: deploy the GPU image as it is.',
    });
  }
  if (missing.length > 0) {
    advice.push({
      level: 'note',
      finding: `${missing.join(' and ')} not found`,
      remedy:
        'Only the GPU image has them (Dockerfile.amd64-gpu): deploy that one. On the host itself they are not needed.',
    });
  }
  return advice;
}

/** Why a GPU provider can only be drawn by software here; `undefined` where there is a GPU. */
export function noGpuReason({ kind }: GpuHost): string | undefined {
  return kind === 'none' ? 'no GPU in reach: none of /dev/nvidia*, /dev/dxg and /dev/dri is here' : undefined;
}
