/** Functions of the program that serves the scripts. */
declare module 'billing' {
  /** Charges cents and gives the receipt's number. */
  export function charge(input: number): Promise<string>;
  const all: {
    charge: typeof charge;
  };
  export default all;
}
