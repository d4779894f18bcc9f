// Globals of hatchet-js-worker.
declare const workflow: any;
declare const hatchet: any;
