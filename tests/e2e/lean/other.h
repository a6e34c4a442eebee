#pragma once
#define HD __host__ __device__
#define TWICE(x) twice(x)
#define OPEN {
