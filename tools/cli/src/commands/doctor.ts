import type { Command } from 'commander';
import type { CliContext, ExitCode } from '../cli-context.ts';
import type { DoctorGpuOptions } from '../doctor/doctor-gpu.ts';

const EXAMPLES = `
Examples:
  $ edgeveil doctor gpu
  $ edgeveil doctor gpu --model yard.onnx
  $ edgeveil doctor gpu --json | jq .advice

The module itself answers the same through its direct method gpu-doctor. Ends with 0 when a GPU runs the model and gives what the CPU gives, with 1 otherwise.`;

/** Adds `edgeveil doctor`: what stands between this machine and what it should do. */
export function addDoctorCommand(program: Command, context: CliContext, setExitCode: (code: ExitCode) => void): void {
  const doctor = program.command('doctor').description('look for what is wrong with this machine, and say what to do');
  doctor
    .command('gpu')
    .description('what GPU there is, with which driver and CUDA, and whether a model really runs on it')
    .option('--model <file>', 'ONNX file or model package to try it with; the bundled model when not given')
    .option('--json', 'one JSON object')
    .option('--host-root <dir>', 'where the host is looked for, when its file system is mounted elsewhere', '/')
    .addHelpText('after', EXAMPLES)
    .action(async (options: DoctorGpuOptions) => {
      const { doctorGpu } = await import('../doctor/doctor-gpu.ts');
      setExitCode(await doctorGpu(options, context));
    });
}
