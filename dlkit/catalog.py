"""THE tables: every name that a config may use, and where its code is.

To add a component, write it in the room that its target names and add one line here. Facts: datasets
say what they yield (`classes`, `values`, or `either` where an option decides); losses say what they
take (`either` for both), and with `logits` that they apply softmax or sigmoid, or margins, themselves;
an optimizer with `decoupled` does its own decoupled weight decay.
"""

from dlkit.registry import Entry, Registry

# A line a name reads best, so the formatter leaves the tables alone.
# fmt: off
MODELS = Registry("model", {
    "mlp": Entry("dlkit.models.mlp:mlp", "dense layers, each with an activation"),
    "cnn": Entry("dlkit.models.cnn:cnn", "convolution and pooling blocks, then dense layers"),
    "resnet": Entry("dlkit.models.resnet:resnet", "residual blocks (He et al. 2016), depth 8 to 50"),
})

ACTIVATIONS = Registry("activation", {
    "identity": Entry("dlkit.nn.activations:identity", "x itself"),
    "step": Entry("dlkit.nn.activations:step", "1 from 0 on, else 0; no useful gradient by itself"),
    "sigmoid": Entry("dlkit.nn.activations:sigmoid", "1 / (1 + exp(-x)), between 0 and 1"),
    "relu": Entry("dlkit.nn.activations:relu", "max(0, x)"),
    "tanh": Entry("dlkit.nn.activations:tanh", "hyperbolic tangent, between -1 and 1"),
    "softplus": Entry("dlkit.nn.activations:softplus", "ln(1 + exp(x)), a smooth ReLU"),
    "elu": Entry("dlkit.nn.activations:elu", "x, or alpha (exp(x) - 1) below 0"),
    "softmax": Entry("dlkit.nn.activations:softmax", "exp(x_i) / sum exp(x_k), over the features"),
    "leaky_relu": Entry("dlkit.nn.activations:leaky_relu", "x, or a small multiple of x below 0"),
    "gelu": Entry("dlkit.nn.activations:gelu", "x times the normal distribution function at x"),
    "silu": Entry("dlkit.nn.activations:silu", "x sigmoid(x), also called swish"),
})

LOSSES = Registry("loss", {
    "cross_entropy": Entry("dlkit.nn.losses:cross_entropy",
        "-log softmax(logits) of the true class", {"takes": "classes", "logits": True}),
    "binary_cross_entropy": Entry("dlkit.nn.losses:binary_cross_entropy",
        "one yes/no cross-entropy an output, on logits", {"takes": "classes", "logits": True}),
    "hinge": Entry("dlkit.nn.losses:hinge",
        "margin loss on raw scores", {"takes": "classes", "logits": True}),
    "mse": Entry("dlkit.nn.losses:mse", "mean of squared errors", {"takes": "either"}),
    "half_mse": Entry("dlkit.nn.losses:half_mse",
        "half the mean of squared errors", {"takes": "either"}),
    "l1": Entry("dlkit.nn.losses:l1", "mean of absolute errors", {"takes": "either"}),
    "huber": Entry("dlkit.nn.losses:huber",
        "squared near 0, absolute beyond delta", {"takes": "either"}),
    "epsilon_insensitive": Entry("dlkit.nn.losses:epsilon_insensitive",
        "absolute errors beyond epsilon (support vector regression)", {"takes": "either"}),
})

OPTIMIZERS = Registry("optimizer", {
    "sgd": Entry("dlkit.optim.rules:sgd", "gradient descent, without memory"),
    "momentum": Entry("dlkit.optim.rules:momentum", "heavy ball: a running sum of gradients"),
    "nag": Entry("dlkit.optim.rules:nag", "Nesterov's accelerated gradient"),
    "adagrad": Entry("dlkit.optim.rules:adagrad", "rates shrink with the sum of squared gradients"),
    "rmsprop": Entry("dlkit.optim.rules:rmsprop", "rates follow a running mean of squared gradients"),
    "adadelta": Entry("dlkit.optim.rules:adadelta", "RMSprop with steps in the parameter's own unit"),
    "adam": Entry("dlkit.optim.rules:adam", "bias-corrected first and second moments"),
    "adamw": Entry("dlkit.optim.rules:adamw", "Adam with decoupled weight decay", {"decoupled": True}),
    "nadam": Entry("dlkit.optim.rules:nadam", "Adam with Nesterov's look-ahead"),
    "radam": Entry("dlkit.optim.rules:radam", "Adam with a rectified early variance"),
    "lion": Entry("dlkit.optim.rules:lion", "sign of an interpolated momentum", {"decoupled": True}),
    "muon": Entry("dlkit.optim.rules:muon",
        "orthogonalised momentum for matrices, AdamW for the rest", {"decoupled": True}),
})

SCHEDULES = Registry("schedule", {
    "constant": Entry("dlkit.optim.schedules:constant", "the same rate throughout"),
    "step": Entry("dlkit.optim.schedules:step", "a factor every so many epochs"),
    "cosine": Entry("dlkit.optim.schedules:cosine", "half a cosine down to a share of the rate"),
    "one_cycle": Entry("dlkit.optim.schedules:one_cycle", "up to the rate, then down to almost none"),
    "plateau": Entry("dlkit.optim.schedules:plateau", "a factor whenever the monitor stops improving"),
})

REGULARIZERS = Registry("regularizer", {
    "l1": Entry("dlkit.config.regularizers:l1", "sum of |w|, added to the loss or as a proximal step"),
    "l2": Entry("dlkit.config.regularizers:l2", "sum of w squared, added to the loss"),
    "weight_decay": Entry("dlkit.config.regularizers:weight_decay",
        "weights shrink each step, apart from the gradient"),
    "dropout": Entry("dlkit.config.regularizers:dropout", "hidden units are zeroed at random"),
    "batch_norm": Entry("dlkit.config.regularizers:batch_norm", "features normalised over the batch"),
    "label_smoothing": Entry("dlkit.config.regularizers:label_smoothing",
        "targets mixed with the uniform distribution"),
    "clip_norm": Entry("dlkit.config.regularizers:clip_norm", "the gradient's norm is bounded"),
    "clip_value": Entry("dlkit.config.regularizers:clip_value", "each gradient entry is bounded"),
    "augmentation": Entry("dlkit.config.regularizers:augmentation",
        "training images shifted, flipped, turned or cut at random"),
})

STOPPING = Registry("early-stopping policy", {
    "patience": Entry("dlkit.training.stopping:patience", "no improvement for so many epochs"),
    "generalization_loss": Entry("dlkit.training.stopping:generalization_loss",
        "Prechelt's GL: the monitor is so many percent above its best"),
    "progress_quotient": Entry("dlkit.training.stopping:progress_quotient",
        "Prechelt's PQ: GL against the progress of the training loss"),
})

DATASETS = Registry("dataset", {
    "digits": Entry("dlkit.data.digits:digits",
        "1,797 handwritten digits of 8x8, in scikit-learn", {"yields": "classes"}),
    "diabetes": Entry("dlkit.data.diabetes:diabetes",
        "442 patients, 10 features, in scikit-learn", {"yields": "values"}),
    "mnist": Entry("dlkit.data.idx:mnist", "70,000 handwritten digits of 28x28", {"yields": "classes"}),
    "fashion_mnist": Entry("dlkit.data.idx:fashion_mnist",
        "70,000 product photos of 28x28", {"yields": "classes"}),
    "cifar10": Entry("dlkit.data.cifar:cifar10", "60,000 colour photos of 32x32", {"yields": "classes"}),
    "image_folder": Entry("dlkit.data.folders:image_folder",
        "a folder of pictures for each class", {"yields": "classes"}),
    "csv": Entry("dlkit.data.tables:csv", "numeric columns and a target column", {"yields": "either"}),
})

TASKS = Registry("task", {
    "classification": Entry("dlkit.tasks.classification:Classification", "one class an example"),
    "regression": Entry("dlkit.tasks.regression:Regression", "real numbers an example"),
})
# fmt: on

TABLES = {
    table.kind: table
    for table in (
        MODELS,
        ACTIVATIONS,
        LOSSES,
        OPTIMIZERS,
        SCHEDULES,
        REGULARIZERS,
        STOPPING,
        DATASETS,
        TASKS,
    )
}
"""Every table, by the kind that its messages use."""
