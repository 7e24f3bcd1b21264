/** What a subscription switches on for its client. */
export type Feature = 'methods' | 'desired' | 'twin-results' | 'inputs' | 'devicebound';

const inputs = /^devices\/.+\/modules\/.+\/#$/;

/** The feature that a topic filter switches on (SessionStateParser.cs). Other filters are accepted and deliver nothing. */
export function featureOf(filter: string): Feature | undefined {
  if (filter.startsWith('$iothub/methods/POST/')) return 'methods';
  if (filter.startsWith('$iothub/twin/PATCH/properties/desired/')) return 'desired';
  if (filter.endsWith('messages/devicebound/#')) return 'devicebound';
  if (filter === '$iothub/twin/res/#') return 'twin-results';
  return inputs.test(filter) ? 'inputs' : undefined;
}
