export { EvidenceContainer } from './evidence-container.ts';
export { uploader } from './uploader.ts';
