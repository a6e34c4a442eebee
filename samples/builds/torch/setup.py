# PYTORCH_NVCC="ksnvcc $CUDA_HOME/bin/nvcc" pip install --no-build-isolation .
#
# torch puts the variable's words before its own arguments in the build.ninja that it writes. The same works
# for torch.utils.cpp_extension.load() and load_inline().
from setuptools import setup
from torch.utils.cpp_extension import BuildExtension, CUDAExtension

setup(
    name="scale",
    ext_modules=[CUDAExtension("scale", ["binding.cpp", "scale.cu"])],
    cmdclass={"build_ext": BuildExtension},
)
