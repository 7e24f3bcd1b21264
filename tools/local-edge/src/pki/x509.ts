// The order matters: the polyfill has to be there when @peculiar/x509 is loaded.
import 'reflect-metadata';

export * from '@peculiar/x509';
