export type { Log, LogData } from './log.ts';
export type { GaugeOptions, HistogramOptions, MetricOptions, Metrics } from './metrics.ts';
export type { Heartbeat, ModuleContext } from './module-context.ts';
export { defineModule, type ModuleDefinition, type ModuleTwin } from './module-definition.ts';
export type { Output } from './output.ts';
export { runModule } from './run-module.ts';
export { defineMethod, type InputHandler, type MethodHandler, type RunningModule } from './running-module.ts';
