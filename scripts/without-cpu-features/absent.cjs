// The SSH library asks this package for the processor's features and goes on without them when it is not there.
"use strict";

throw new Error("cpu-features is left out on purpose");
