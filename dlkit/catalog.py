"""THE tables: every name that a config may use, and where its code is.

To add a component, write it in the room that its target names and add one line here. Facts:

- datasets: `inputs` (images, table, series, tokens), and what they `yield`: classes, values (`either`
  where an option decides), tokens or boxes;
- models: which inputs they read (`reads`) and which targets they learn (`learns`); the `task`, where
  it does not follow from the target; `loss`, `own` or `adversarial`, where it is not the target's;
  `pixels`, `unit` for pixels from 0 to 1 instead of standardised ones; `parts` that may have optimizers
  of their own; `activation`, False where they have no use for one;
- losses: what they take (`either` for classes and values), and with `logits` that they apply softmax or
  sigmoid, or margins, themselves;
- an optimizer with `decoupled` does its own decoupled weight decay.
"""

from dlkit.registry import Entry, Registry

BOTH = ("classes", "values")
IMAGE_CLASSES = {"inputs": "images", "yields": "classes"}
IMAGE_BOXES = {"inputs": "images", "yields": "boxes"}
SEQUENCE_CLASSES = {"inputs": "series", "yields": "classes"}
TOKENS = {"inputs": "tokens", "yields": "tokens"}
RECURRENT = {"reads": ("series", "tokens"), "learns": (*BOTH, "tokens"), "activation": False}

# A line a name reads best, so the formatter leaves the tables alone.
# fmt: off
MODELS = Registry("model", {
    "mlp": Entry("dlkit.models.mlp:mlp", "dense layers, each with an activation",
        {"reads": ("images", "table", "series"), "learns": BOTH}),
    "cnn": Entry("dlkit.models.cnn:cnn", "convolution and pooling blocks, then dense layers",
        {"reads": ("images",), "learns": BOTH}),
    "resnet": Entry("dlkit.models.resnet:resnet", "residual blocks (He et al. 2016), depth 8 to 50",
        {"reads": ("images",), "learns": BOTH}),
    "autoencoder": Entry("dlkit.models.autoencoder:autoencoder",
        "an encoder and a decoder: pooling, then unpooling or upsampling; skip connections",
        {"reads": ("images",), "learns": BOTH, "task": "reconstruction", "loss": "own",
         "pixels": "unit"}),
    "rnn": Entry("dlkit.models.recurrent:rnn", "plain recurrent units (Elman 1990); IRNN", RECURRENT),
    "lstm": Entry("dlkit.models.recurrent:lstm",
        "long short-term memory: a gated cell (Hochreiter & Schmidhuber 1997)", RECURRENT),
    "gru": Entry("dlkit.models.recurrent:gru", "gated recurrent units (Cho et al. 2014)", RECURRENT),
    "gan": Entry("dlkit.models.gan:gan",
        "two networks in a game: one makes images, one tells them from real ones (DCGAN)",
        {"reads": ("images",), "learns": ("classes",), "task": "adversarial", "loss": "adversarial",
         "pixels": "unit", "parts": ("generator", "discriminator")}),
    "rcnn": Entry("dlkit.models.rcnn:rcnn",
        "boxes in two steps, regions and what is in them: R-CNN, Faster R-CNN",
        {"reads": ("images",), "learns": ("boxes",), "loss": "own", "pixels": "unit"}),
    "yolo": Entry("dlkit.models.yolo:yolo",
        "one pass from the image to boxes: the paper's grid, or a modern anchor-free head",
        {"reads": ("images",), "learns": ("boxes",), "loss": "own", "pixels": "unit"}),
    "vae": Entry("dlkit.models.vae:vae",
        "a variational autoencoder: images to normal codes and back (Kingma & Welling 2014)",
        {"reads": ("images",), "learns": BOTH, "task": "variational", "loss": "own",
         "pixels": "unit"}),
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
    "non_saturating": Entry("dlkit.nn.adversarial:non_saturating",
        "GAN: cross-entropy, with targets of its own for each network", {"takes": "adversarial"}),
    "least_squares": Entry("dlkit.nn.adversarial:least_squares",
        "GAN: squared distance from 1 for real, 0 for generated", {"takes": "adversarial"}),
    "gan_hinge": Entry("dlkit.nn.adversarial:gan_hinge",
        "GAN: margins for the discriminator, mean logit for the generator", {"takes": "adversarial"}),
    "wasserstein": Entry("dlkit.nn.adversarial:wasserstein",
        "GAN: difference of mean logits, with a penalty on the slope", {"takes": "adversarial"}),
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
    "weight_averaging": Entry("dlkit.config.regularizers:weight_averaging",
        "a running average of the weights is judged and kept"),
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
        "1,797 handwritten digits of 8x8, in scikit-learn", IMAGE_CLASSES),
    "diabetes": Entry("dlkit.data.diabetes:diabetes",
        "442 patients, 10 features, in scikit-learn", {"inputs": "table", "yields": "values"}),
    "mnist": Entry("dlkit.data.idx:mnist", "70,000 handwritten digits of 28x28", IMAGE_CLASSES),
    "fashion_mnist": Entry("dlkit.data.idx:fashion_mnist",
        "70,000 product photos of 28x28", IMAGE_CLASSES),
    "cifar10": Entry("dlkit.data.cifar:cifar10", "60,000 colour photos of 32x32", IMAGE_CLASSES),
    "image_folder": Entry("dlkit.data.folders:image_folder",
        "a folder of pictures for each class", IMAGE_CLASSES),
    "digits_scenes": Entry("dlkit.data.scenes:digits_scenes",
        "scikit-learn's digits on noisy canvases with clutter, and their boxes", IMAGE_BOXES),
    "fashion_scenes": Entry("dlkit.data.scenes:fashion_scenes",
        "Fashion-MNIST's items on noisy canvases with clutter, and their boxes", IMAGE_BOXES),
    "coco": Entry("dlkit.data.coco:coco", "photos with boxes, from COCO's JSON files", IMAGE_BOXES),
    "voc": Entry("dlkit.data.voc:voc", "photos with boxes, from Pascal VOC's XML files", IMAGE_BOXES),
    "yolo_txt": Entry("dlkit.data.yolo_txt:yolo_txt",
        "photos with boxes, from YOLO's text files", IMAGE_BOXES),
    "csv": Entry("dlkit.data.tables:csv",
        "numeric columns and a target column", {"inputs": "table", "yields": "either"}),
    "digits_rows": Entry("dlkit.data.sequences:digits_rows",
        "the digits, a row of 8 pixels a step", SEQUENCE_CLASSES),
    "digits_pixels": Entry("dlkit.data.sequences:digits_pixels",
        "the digits, a pixel a step, in order or permuted", SEQUENCE_CLASSES),
    "fashion_mnist_rows": Entry("dlkit.data.sequences:fashion_mnist_rows",
        "Fashion-MNIST, a row of 28 pixels a step", SEQUENCE_CLASSES),
    "ucr": Entry("dlkit.data.ucr:ucr",
        "time series with classes, from .ts files of the UCR and UEA archives", SEQUENCE_CLASSES),
    "adding_problem": Entry("dlkit.data.adding:adding_problem",
        "the sum of two marked numbers in a long sequence", {"inputs": "series", "yields": "values"}),
    "series": Entry("dlkit.data.series:series",
        "a time series of a CSV file, to be forecast", {"inputs": "series", "yields": "values"}),
    "text": Entry("dlkit.data.text:text", "the characters of a text file", TOKENS),
    "copy_task": Entry("dlkit.data.copy:copy_task",
        "symbols to be told again after a wait (Hochreiter & Schmidhuber 1997)", TOKENS),
})

TASKS = Registry("task", {
    "classification": Entry("dlkit.tasks.classification:Classification", "one class an example"),
    "regression": Entry("dlkit.tasks.regression:Regression", "real numbers an example"),
    "reconstruction": Entry("dlkit.tasks.reconstruction:Reconstruction",
        "an image as it went in, or without its noise"),
    "detection": Entry("dlkit.tasks.detection:Detection", "boxes around things, and what these are"),
    "tokens": Entry("dlkit.tasks.tokens:Tokens", "one token a step: language models"),
    "adversarial": Entry("dlkit.tasks.adversarial:Adversarial", "a generator against a discriminator"),
    "variational": Entry("dlkit.tasks.variational:Variational",
        "codes that explain images, by a lower bound of the likelihood"),
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
