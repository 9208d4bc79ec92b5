// `ms` hides its typings from node16 resolution (they are missing from its `exports`), which turns Temporal's
// `Duration` into `any` without a word. Declaring what Temporal imports from it keeps `Duration` checked in this build.
declare module 'ms' {
  type Unit =
    | 'Years' | 'Year' | 'Yrs' | 'Yr' | 'Y'
    | 'Weeks' | 'Week' | 'W'
    | 'Days' | 'Day' | 'D'
    | 'Hours' | 'Hour' | 'Hrs' | 'Hr' | 'H'
    | 'Minutes' | 'Minute' | 'Mins' | 'Min' | 'M'
    | 'Seconds' | 'Second' | 'Secs' | 'Sec' | 's'
    | 'Milliseconds' | 'Millisecond' | 'Msecs' | 'Msec' | 'Ms';
  type AnyCaseUnit = Unit | Uppercase<Unit> | Lowercase<Unit>;
  export type StringValue = `${number}` | `${number}${AnyCaseUnit}` | `${number} ${AnyCaseUnit}`;
  export default function ms(value: StringValue): number;
}
