#include "data/data.h"

extern const DataKind data_mnist1d, data_gaussian, data_sets, data_fashion_mnist, data_mnist,
    data_cifar10, data_cifar100, data_idx, data_folder, data_npy, data_csv;

const DataKind *const data_kinds[] = {
    &data_mnist1d,  &data_gaussian, &data_sets,   &data_fashion_mnist, &data_mnist, &data_cifar10,
    &data_cifar100, &data_idx,      &data_folder, &data_npy,           &data_csv,   NULL,
};
